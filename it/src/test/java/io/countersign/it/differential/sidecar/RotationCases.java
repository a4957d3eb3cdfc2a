// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Secrets that are waited for, and secrets that change while connections are open and clients come; each case has its own sidecar. */
final class RotationCases {
    private static final String GET = "GET / HTTP/1.1\nhost: app.test\n\n";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Ground ground;
    private final Map<String, String> values;
    private final SSLContext frontend;

    private RotationCases(Ground ground, Map<String, String> values) {
        this.ground = ground;
        this.values = values;
        this.frontend = ground.mint(Ground.FRONTEND).context();
    }

    static List<Case> all(Ground ground, Map<String, String> values) {
        var cases = new RotationCases(ground, values);
        return List.of(
                Case.of("rotation: what is waited for at first", cases::waiting),
                Case.of("rotation: a connection is open", cases::open),
                Case.of("rotation: authorities one after the other", cases::authorities),
                Case.of("rotation: a bad identity, then a good one", cases::bad));
    }

    private Answer waiting(Running which) throws Exception {
        var template = SidecarDifferentialTest.resource("secrets.yaml");
        try (var sidecar = Running.launch(which.side(), ground.folder, template, values)) {
            Await.until(
                    PATIENCE, "it does not wait", () -> sidecar.get("/ready").contains("INITIALIZING"));
            return Admin.asked(sidecar, "GET /init_dump", "", RotationCases::waitedFor);
        }
    }

    private static String waitedFor(String dump) {
        var managers = JsonParser.parseString(dump).getAsJsonObject().getAsJsonArray("unready_targets_dumps");
        return managers.asList().stream()
                .map(manager -> manager.getAsJsonObject().get("target_names"))
                .filter(Objects::nonNull)
                .flatMap(names -> names.getAsJsonArray().asList().stream())
                .map(name -> name.getAsString().substring(name.getAsString().lastIndexOf(' ') + 1))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private Running start(Running which, Documents documents) throws Exception {
        var all = new HashMap<>(values);
        all.put("documents", documents.folder().toString());
        return Running.start(which.side(), ground.folder, SidecarDifferentialTest.resource("rotation.yaml"), all);
    }

    private Answer open(Running which) throws Exception {
        var documents = Documents.write(ground);
        try (var sidecar = start(which, documents);
                var old = Client.secure(sidecar.port("in"), frontend)) {
            var answer = Answer.empty().with("before", next(old));
            var before = old.peerSerial();
            await(sidecar, documents.identity());
            return answer.with("after", next(old))
                    .with("same", old.peerSerial().equals(before))
                    .with("new", status(sidecar, frontend));
        }
    }

    /** Clients of the server's authority, and of another that takes its place. */
    private Answer authorities(Running which) throws Exception {
        var documents = Documents.write(ground);
        var another = Authority.root(Ground.DOMAIN);
        var certificate = another.chain().getFirst();
        var issuer = Authority.of(another.key(), certificate);
        var of = List.of(
                frontend, issuer.issue(Authority.Leaf.of(Ground.FRONTEND)).context());
        try (var sidecar = start(which, documents)) {
            var answer = Answer.empty().with("old", statuses(sidecar, of));
            documents.trust(Stream.concat(ground.bundle().stream(), Stream.of(certificate))
                    .toList());
            Await.until(PATIENCE, "the new authority is not known", () -> isLetIn(sidecar, of.getLast()));
            answer = answer.with("both", statuses(sidecar, of));
            documents.trust(List.of(certificate));
            Await.until(PATIENCE, "the old authority is not forgotten", () -> !isLetIn(sidecar, of.getFirst()));
            return answer.with("new", statuses(sidecar, of));
        }
    }

    private Answer bad(Running which) throws Exception {
        var documents = Documents.write(ground);
        try (var sidecar = start(which, documents)) {
            var before = serial(sidecar);
            var good = ground.mint(Ground.BACKEND);
            documents.identity(new Credential(good.chain(), Authority.keys().getPrivate()));
            Admin.awaitCount(sidecar, "sds.identity.update_rejected", "[1-9][0-9]*");
            var answer = Answer.empty()
                    .with("same", serial(sidecar).equals(before))
                    .with("meanwhile", status(sidecar, frontend));
            await(sidecar, documents.identity());
            return answer.with("then", status(sidecar, frontend));
        }
    }

    private void await(Running sidecar, BigInteger expected) {
        Await.until(PATIENCE, "no new certificate", () -> serial(sidecar).equals(expected));
    }

    private BigInteger serial(Running sidecar) throws IOException {
        try (var client = Client.secure(sidecar.port("in"), frontend)) {
            return client.peerSerial();
        }
    }

    private static List<String> statuses(Running sidecar, List<SSLContext> clients) {
        return clients.stream().map(client -> status(sidecar, client)).toList();
    }

    private static boolean isLetIn(Running sidecar, SSLContext client) {
        return status(sidecar, client).contains("200");
    }

    /** Why somebody is refused is compared elsewhere, and falls out in more than one way. */
    private static String status(Running sidecar, SSLContext context) {
        try (var client = Client.secure(sidecar.port("in"), context)) {
            return next(client);
        } catch (IOException e) {
            return "refused";
        }
    }

    private static String next(Client client) throws IOException {
        client.send(GET);
        return client.answer(false).fields().getOrDefault("status", "refused");
    }
}
