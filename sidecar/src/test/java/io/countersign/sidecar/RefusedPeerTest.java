// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.countersign.sidecar.tls.RefusedPeers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Who came and who was allowed, told to the operator of the side that refused, and to nobody else. */
@Timeout(60)
class RefusedPeerTest {
    private static final String STRANGER = "spiffe://example.org/stranger";

    @TempDir
    Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger(RefusedPeers.class);
    private final Queue<Map<String, String>> logged = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            logged.add(event.getKeyValuePairs().stream()
                    .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value))));
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        // whatever level another test has left to all
        logger.setLevel(Level.WARN);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    private static String demanding(String yaml) {
        return yaml.replace("prefix: \"spiffe://example.org/\"", "exact: \"" + Hop.FRONTEND + "\"");
    }

    private void assertLogged(String of, String shown, String allowed) {
        assertEquals(1, logged.size(), logged.toString());
        var line = logged.element();
        assertTrue(line.getOrDefault("for", "").startsWith(of), line.toString());
        assertEquals("[" + shown + "]", line.get("shown"));
        assertEquals("[" + allowed + "]", line.get("allowed"));
        assertEquals("verify cert failed: SAN match", line.get("reason"));
    }

    private static void assertOnThePage(String page, String shown, String allowed) {
        assertTrue(page.contains("\"shown\":[\"" + shown + "\"],\"allowed\":[\"" + allowed + "\"]"), page);
        assertTrue(page.contains("\"reason\":\"verify cert failed: SAN match\""), page);
    }

    @Test
    void serverThatRefusesAClientSaysWhoItWas() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", STRANGER);
            var backend = hop.backend("a", RefusedPeerTest::demanding);
            var stranger = hop.frontend("b", backend, text -> text);

            var answer = hop.get(stranger, "/");

            assertEquals(503, answer.statusCode());
            assertLogged("listener.", STRANGER, Hop.FRONTEND);
            assertOnThePage(hop.admin(backend, "/refused_peers"), STRANGER, Hop.FRONTEND);
            // whoever is refused learns no names
            assertFalse(answer.body().contains("spiffe://"), answer.body());
            assertEquals("{\"refused_peers\":[]}", hop.admin(stranger, "/refused_peers"));
        }
    }

    @Test
    void clientThatRefusesAServerSaysWhoItWas() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", STRANGER);
            hop.agent("b", Hop.FRONTEND);
            var impostor = hop.backend("a", text -> text);
            var frontend = hop.frontend("b", impostor, text -> text);

            var answer = hop.get(frontend, "/");

            assertEquals(503, answer.statusCode());
            assertLogged("cluster.", STRANGER, Hop.BACKEND);
            assertOnThePage(hop.admin(frontend, "/refused_peers"), STRANGER, Hop.BACKEND);
            assertFalse(answer.body().contains("spiffe://"), answer.body());
            assertEquals("{\"refused_peers\":[]}", hop.admin(impostor, "/refused_peers"));
            // what Envoy's operators look for in their logs
            var log = folder.resolve("frontend-envoy.yaml.log");
            Hop.await("the line", () -> AccessLines.in(log).contains("CERTIFICATE_VERIFY_FAILED"));
        }
    }
}
