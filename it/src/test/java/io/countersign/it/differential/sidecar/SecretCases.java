// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;

/** A sidecar that starts before its agent, gets its secrets late, loses the agent, and finds it again. */
final class SecretCases {
    private static final String REQUEST = "GET / HTTP/1.1\nhost: app.test\nconnection: close\n\n";
    /** Envoy asks again after up to 30 seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Ground ground;
    private final String template;
    private final Map<String, String> values;
    private final SSLContext frontend;

    private SecretCases(Ground ground, Map<String, String> values) throws IOException {
        this.ground = ground;
        this.template = SidecarDifferentialTest.resource("secrets.yaml");
        this.values = values;
        this.frontend = ground.mint(Ground.FRONTEND).context();
    }

    static List<Case> all(Ground ground, Map<String, String> values) throws IOException {
        var cases = new SecretCases(ground, values);
        return List.of(Case.of("secrets: agent away, there, away, there", cases::life));
    }

    private Answer life(Running which) throws Exception {
        try (var sidecar = Running.launch(which.side(), ground.folder, template, values)) {
            var answer = Answer.empty();
            Await.until(
                    PATIENCE, "no admin listener", () -> !sidecar.get("/ready").isEmpty());
            answer = answer.with("initializing at first", sidecar.get("/ready").contains("INITIALIZING"));
            Await.until(
                    PATIENCE, "it waits for ever", () -> sidecar.get("/ready").contains("LIVE"));
            answer = answer.with("without secrets", refused(sidecar));
            try (var relay = relay(sidecar)) {
                Await.until(
                        PATIENCE,
                        "the secrets do not come",
                        () -> in(sidecar).contains(" 200 ") && out(sidecar).contains(" 200 "));
                answer = answer.with("with secrets", used(sidecar));
            }
            answer = answer.with("agent away again", used(sidecar));
            try (var relay = relay(sidecar)) {
                answer = answer.with("agent there again", renewed(sidecar));
            }
            return answer;
        }
    }

    private Relay relay(Running sidecar) throws IOException {
        return Relay.open(sidecar.folder().resolve("agent.sock"), ground.agentSocket());
    }

    private Answer refused(Running sidecar) throws IOException {
        return Answer.empty()
                .with("in", in(sidecar))
                .with("in log", sidecar.nextLine("in-connections"))
                .with("out", out(sidecar))
                .with("out log", sidecar.nextLine("out"));
    }

    private Answer used(Running sidecar) throws IOException {
        return Answer.empty().with("in", in(sidecar)).with("out", out(sidecar).contains(" 200 "));
    }

    /** The identity that the server issues now arrives, and serves the next connection. */
    private Answer renewed(Running sidecar) throws Exception {
        var entry = ground.entry(Ground.BACKEND);
        var before = serial(sidecar);
        ground.rotate(entry, sidecar.side().name().toLowerCase(Locale.ROOT) + ".test");
        Await.until(PATIENCE, "no new certificate", () -> !serial(sidecar).equals(before));
        return used(sidecar);
    }

    private BigInteger serial(Running sidecar) throws IOException {
        try (var client = Client.secure(sidecar.port("in"), frontend)) {
            return client.peerSerial();
        }
    }

    private String in(Running sidecar) {
        try (var client = Client.secure(sidecar.port("in"), frontend)) {
            client.send(REQUEST);
            return client.readToTheEnd().lines().findFirst().orElse("nothing");
        } catch (IOException e) {
            // reset or closed, as it falls out: what the client has sent was read, or not
            return "refused";
        }
    }

    private static String out(Running sidecar) throws IOException {
        try (var client = Client.plain(sidecar.port("out"))) {
            client.send(REQUEST);
            return client.answer(false).fields().toString();
        }
    }
}
