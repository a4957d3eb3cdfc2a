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
