// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.follow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OutageTest {
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger log = new LoggerContext().getLogger("outage");
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Outage outage = new Outage(log, "no tokens", () -> now);

    @BeforeEach
    void listen() {
        log.setLevel(Level.INFO);
        log.addAppender(lines);
        lines.start();
    }

    private List<String> said() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            outage.failed("no agent", Optional.empty());
            now = now.plus(Duration.ofSeconds(1));
        }
    }

    @Test
    void failuresAreSaidOnceAMinute() {
        fail(59);
        assertEquals(List.of("no tokens: no agent; trying again"), said());

        fail(3);
        assertEquals(List.of("no tokens: no agent; trying again", "no tokens: no agent; trying again"), said());
    }

    @Test
    void agentThatComesAndGoesIsNotSaidMoreOften() {
        fail(1);
        outage.over();
        fail(1);
        outage.over();

        assertEquals(List.of("no tokens: no agent; trying again", "the agent answers again"), said());
    }

    @Test
    void howLongTheFilesLastIsSaid() {
        outage.failed("no agent", Optional.of(now.plusSeconds(60)));

        var fields = lines.list.getFirst().getKeyValuePairs();
        assertEquals(
                List.of("failures=\"1\"", "files_good_until=\"2026-01-01T00:01:00Z\""),
                fields.stream().map(Object::toString).toList());
    }
}
