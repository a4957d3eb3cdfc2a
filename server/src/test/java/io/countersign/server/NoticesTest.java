// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoticesTest {
    @TempDir
    Path folder;

    @AfterEach
    void reset() {
        Log.configure(LogSettings.standard());
    }

    @Test
    void whatChangesNothingIsSaidInTheLog() throws Exception {
        var file = folder.resolve("log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(file)));

        try (var _ = TestServer.start(folder, config -> TestConfig.notices(config, "this has no effect"))) {
            var log = Files.readString(file);
            assertTrue(log.contains(" WARN  this has no effect"), log);
        }
    }
}
