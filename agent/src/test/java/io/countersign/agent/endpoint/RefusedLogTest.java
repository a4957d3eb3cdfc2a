// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.workloadapi.WorkloadApiException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RefusedLogTest {
    @TempDir
    private Path folder;

    @AfterEach
    void reset() {
        Log.configure(LogSettings.standard());
    }

    @Test
    void lineOfARefusedCallHasTheSelectorsThatTheLogMayShowAndNoOthers() throws Exception {
        var log = folder.resolve("log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(log)));
        try (var endpoint = new TestEndpoint(folder, Options.standard())) {
            endpoint.put(endpoint.entry("e", "/e", "", TestEndpoint.elsewhere()));
            assertThrows(WorkloadApiException.class, endpoint.client::fetchX509Context);

            var id = endpoint.refused.last().getFirst().id();
            var said = Files.readString(log);
            assertTrue(said.contains("refusal " + id + "; selectors " + TestEndpoint.here()), said);
            assertFalse(said.contains("unix:gid"), said);
        }
    }
}
