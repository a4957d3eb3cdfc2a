// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class LogTest {
    @TempDir
    Path folder;

    @AfterEach
    void reset() {
        Log.configure(LogSettings.standard());
    }

    @Test
    void aValueCannotPassForAnotherPairOrLine() throws Exception {
        var lines = logged("a\" level=\"b\\\n2026 ERROR forged\u001b");
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(
                lines.getFirst()
                        .endsWith(" INFO  said value=\"a\\\" level=\\\"b\\\\\\n2026 ERROR forged\\u001b\" more=\"1\""),
                lines.getFirst());
    }

    @Test
    void aSentenceCannotPassForAnotherLineAndAStackTraceHasItsLines() throws Exception {
        var file = folder.resolve("log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(file)));
        var log = LoggerFactory.getLogger("io.countersign.test");
        log.info("it says \"{}\"", "a\r\n2026 ERROR forged\u001b\u0085");
        log.atError().setCause(new IllegalStateException("broken")).log("it failed");

        var lines = Files.readAllLines(file);
        assertTrue(
                lines.getFirst().endsWith(" INFO  it says \"a\\r\\n2026 ERROR forged\\u001b\\u0085\" "),
                lines::toString);
        assertTrue(lines.get(1).contains(" ERROR it failed"), lines::toString);
        assertEquals("java.lang.IllegalStateException: broken", lines.get(2));
        assertTrue(lines.get(3).startsWith("\tat "), lines::toString);
    }

    @Test
    void whatLibrariesSayInTheirWayComesOutWithTheRest() throws Exception {
        var file = folder.resolve("log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(file)));
        var library = java.util.logging.Logger.getLogger("io.grpc.internal.SomeClass");
        library.log(java.util.logging.Level.WARNING, "something {0} broke", "here");
        library.info("something went well");

        var lines = Files.readAllLines(file);
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().contains(" WARN  something here broke"), lines.getFirst());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "TEXT; file=\"LogTest\\.java:\\d+\" func=\"io\\.countersign\\.launch\\.LogTest\\.everyLineSaysWhereItComesFromIfAsked\"",
                "JSON; \"file\":\"LogTest\\.java:\\d+\",\"func\":\"io\\.countersign\\.launch\\.LogTest\\.everyLineSaysWhereItComesFromIfAsked\"}"
            })
    void everyLineSaysWhereItComesFromIfAsked(LogSettings.Format format, String end) throws Exception {
        var file = folder.resolve("log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, format, Optional.of(file), true));
        var log = LoggerFactory.getLogger("io.countersign.test");
        log.info("one");
        log.atInfo().addKeyValue("key", "value").log("two");

        var lines = Files.readAllLines(file);
        assertEquals(2, lines.size(), lines::toString);
        for (var line : lines) {
            assertTrue(line.matches(".*" + end), line);
        }
    }

    private List<String> logged(String value) throws Exception {
        var file = folder.resolve("log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(file)));
        LoggerFactory.getLogger("io.countersign.test")
                .atInfo()
                .addKeyValue("value", value)
                .addKeyValue("more", 1)
                .log("said");
        return Files.readAllLines(file);
    }
}
