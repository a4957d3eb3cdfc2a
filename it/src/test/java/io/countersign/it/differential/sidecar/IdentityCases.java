// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import io.countersign.it.differential.sidecar.Authority.Leaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Certificates from all places that a file can name, the names that are demanded of peers, and how keys are agreed on. */
final class IdentityCases {
    private static final String GET = "GET /a?b=c HTTP/1.1\nhost: app.test\n\n";
    private static final String PARTNERS = "spiffe://" + Ground.PARTNER + "/frontend";

    private final Ground ground;
    private final Pair sidecars;
    private final Credential credential;
    private final SSLContext frontend;
    private final SSLContext other;
    private final SSLContext stranger;

    private IdentityCases(Ground ground, Pair sidecars) {
        this.ground = ground;
        this.sidecars = sidecars;
        credential = ground.mint(Ground.FRONTEND);
        frontend = credential.context();
        other = ground.mint("spiffe://example.org/other").context();
        stranger = ground.stranger.issue(Leaf.of(Ground.FRONTEND)).context();
    }

    /** Starts the sidecars that these are asked of. */
    static Pair start(Ground ground, Map<String, String> values) throws Exception {
        var own = ground.mint(Ground.BACKEND);
        var authorities = ground.folder.resolve("bundle.pem");
        var secrets = Files.createTempDirectory(ground.folder, "secrets");
        Files.writeString(secrets.resolve("own.pem"), own.chainPem());
        Files.writeString(secrets.resolve("own.key"), own.keyPem());
        Files.copy(authorities, secrets.resolve("authorities.pem"));
        var all = new HashMap<>(values);
        all.put("secrets", secrets.toString());
        all.put("own-chain", Documents.base64(own.chainPem()));
        all.put("own-key", Documents.base64(own.keyPem()));
        all.put("authorities", Documents.base64(Files.readString(authorities)));
        return Pair.start(ground.folder, SidecarDifferentialTest.resource("identities.yaml"), all);
    }

    static List<Case> all(Ground ground, Pair sidecars) {
        var cases = new IdentityCases(ground, sidecars);
        return Stream.of(cases.names(), cases.trustDomains(), cases.places(), cases.handshakes())
                .flatMap(List::stream)
                .toList();
    }

    private Case on(String name, Pair.Question question) {
        return sidecars.asked(name, question);
    }

    private Case taken(String name, String listener, SSLContext client) {
        return on("mTLS: " + name, Visit.secure(listener, client, GET));
    }

    private Case refused(String name, String listener, SSLContext client) {
        return on("mTLS refused: " + name, Visit.secure(listener, client, ""));
    }

    private List<Case> names() {
        var team = ground.mint("spiffe://example.org/team/a").context();
        var cases = new ArrayList<Case>();
        for (var kind : List.of("list", "single", "regex", "suffix", "contains", "folded")) {
            cases.add(taken("names by " + kind, "names-" + kind, kind.equals("contains") ? team : frontend));
            cases.add(refused("names by " + kind, "names-" + kind, other));
        }
        cases.add(refused(
                "name in another case where that counts",
                "names-list",
                ground.own.issue(Leaf.of("spiffe://example.org/FRONTEND")).context()));
        return cases;
    }

    private List<Case> trustDomains() {
        var partner = ground.partner.issue(Leaf.of(PARTNERS)).context();
        return List.of(
                taken("secrets by their special names", "special", other),
                refused("no certificate, secrets by their special names", "special", Credential.anonymous()),
                taken("all trust domains, one of our own", "all", other),
                taken("all trust domains, the partner's", "all", partner),
                refused(
                        "all trust domains, the partner's name signed by ourselves",
                        "all",
                        ground.own.issue(Leaf.of(PARTNERS)).context()),
                refused(
                        "all trust domains, our name signed by the partner",
                        "all",
                        ground.partner.issue(Leaf.of(Ground.FRONTEND)).context()),
                refused("the partner's where only ours are taken", "special", partner),
                taken("a secret alone", "secret", other),
                refused("no certificate, a secret alone", "secret", Credential.anonymous()),
                refused("a foreign authority, a secret alone", "secret", stranger));
    }

    private List<Case> places() {
        return List.of(
                taken("certificates in files", "files", frontend),
                taken(
                        "certificates in files, a DNS name only",
                        "files",
                        ground.own.issue(Leaf.of("a.test")).context()),
                taken("certificates in files, an anonymous client", "files", Credential.anonymous()),
                on(
                        "mTLS: clients without certificate counted",
                        sidecar -> Answer.empty().with("counted", counted(sidecar, "files", "no_certificate"))),
                refused("a foreign authority, certificates in files", "files", stranger),
                taken("certificates in the file itself", "bytes", frontend),
                refused("a foreign authority, certificates in the file itself", "bytes", stranger),
                refused("no certificate, certificates in the file itself", "bytes", Credential.anonymous()));
    }

    private List<Case> handshakes() {
        var cases = new ArrayList<Case>();
        cases.add(on("mTLS: HTTP/2 without ALPN", this::preface));
        for (var protocol : List.of("TLSv1.2", "TLSv1.3")) {
            cases.add(on("mTLS: comes again over " + protocol, sidecar -> again(sidecar, "resumes", protocol)));
            cases.add(on(
                    "mTLS: comes again over " + protocol + " where sessions are not resumed",
                    sidecar -> again(sidecar, "names-list", protocol)));
        }
        cases.add(on("mTLS: the curve that the file names", agreeing(GET, "secp384r1", "secp256r1")));
        cases.add(on("mTLS refused: no curve that the file names", agreeing("", "x25519", "secp256r1")));
        return cases;
    }

    private Visit agreeing(String request, String... groups) {
        return new Visit("curve", port -> Client.agreeing(port, frontend, groups), request);
    }

    private Answer preface(Running sidecar) throws IOException {
        var request = Http2Bytes.begin()
                .head(1, true, ":method", "GET", ":scheme", "https", ":authority", "app.test", ":path", "/a?b=c");
        Answer answer;
        try (var client = Client.secure(sidecar.port("names-list"), frontend)) {
            client.sendBytes(request.letters().getBytes(StandardCharsets.ISO_8859_1));
            answer = stream(client);
        }
        return Visit.logged(answer, sidecar);
    }

    /** The answer on the only stream. */
    private static Answer stream(Client client) throws IOException {
        var answer = Answer.empty();
        var body = new StringBuilder();
        while (true) {
            var frame = client.frame();
            if (frame.type() == Http2Bytes.HEADERS) {
                answer = answer.with("status", frame.status().orElse("none"));
            } else if (frame.type() == Http2Bytes.DATA) {
                body.append(frame.payload());
            }
            if (frame.stream() == 1 && (frame.flags() & Http2Bytes.END_STREAM) != 0) {
                return Normal.json(answer, "echo", JsonParser.parseString(body.toString()));
            }
        }
    }

    /** Twice with one memory of sessions. */
    private Answer again(Running sidecar, String listener, String protocol) throws IOException {
        var client = credential.context();
        long before = counted(sidecar, listener, "session_reused");
        var visit = Visit.secure(listener, client, GET, protocol);
        return Answer.empty()
                .with("first", visit.ask(sidecar))
                .with("second", visit.ask(sidecar))
                .with("reused", counted(sidecar, listener, "session_reused") - before);
    }

    private static long counted(Running sidecar, String listener, String what) throws IOException {
        var name = "listener.127.0.0.1_" + sidecar.port(listener) + ".ssl." + what + ": ";
        return sidecar.get("/stats")
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.substring(name.length())))
                .sum();
    }
}
