// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.countersign.sidecar.tls.RefusedPeers.Peer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How many lines refused peers are worth. */
class RefusedPeersTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final RefusedPeers peers = new RefusedPeers(() -> now);

    private final Logger logger = (Logger) LoggerFactory.getLogger(RefusedPeers.class);
    private final List<Map<String, String>> lines = new ArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getKeyValuePairs().stream()
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

    private void refuse(String name) {
        peers.add(new Peer("listener.a", List.of(name), List.of(), "no trust bundle"));
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void peerThatComesAgainIsOneLineAMinute() {
        refuse("one");
        pass(Duration.ofSeconds(59));
        refuse("one");
        assertEquals(1, lines.size(), lines.toString());

        pass(Duration.ofSeconds(1));
        refuse("one");
        assertEquals(2, lines.size(), lines.toString());
        assertEquals(3, peers.last().getFirst().times());
    }

    @Test
    void namesThatSomebodyMakesUpAreFewLinesAndACount() {
        for (int i = 0; i < 50; i++) {
            refuse("made up " + i);
        }
        pass(Duration.ofSeconds(59));
        refuse("made up at last");
        assertEquals(20, lines.size(), lines.toString());

        pass(Duration.ofSeconds(1));
        refuse("another");
        assertEquals(22, lines.size(), lines.toString());
        assertEquals("31", lines.get(20).get("count"));
        assertEquals("[another]", lines.get(21).get("shown"));

        // a quiet minute leaves nothing to be counted
        pass(Duration.ofMinutes(1));
        refuse("yet another");
        assertEquals(23, lines.size(), lines.toString());
        assertEquals("[yet another]", lines.get(22).get("shown"));
    }
}
