// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.audit.AuditSection;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.server.config.RoleSettings.Mode;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/operate shows of server.conf is read as it stands there. */
class DocumentedBlocksTest {
    private static final Pattern BLOCK = Pattern.compile("```hcl\\n(.*?)```", Pattern.DOTALL);

    private static ConfigBlock shown(String page) throws IOException {
        var text = Files.readString(Path.of("../docs/operate").resolve(page));
        var block = BLOCK.matcher(text);
        assertTrue(block.find(), page);
        return ConfigFile.parse(block.group(1), page);
    }

    @Test
    void theAuditFile() throws Exception {
        var root = shown("audit-file.md");
        var read = AuditSection.read(root).orElseThrow();
        root.check();
        assertEquals(Path.of("/var/log/countersign/audit.jsonl"), read.file());
    }

    @Test
    void roles() throws Exception {
        var root = shown("roles.md");
        var read = RoleSection.read(root, new TrustDomain("example.org")).orElseThrow();
        root.check();
        assertEquals(Mode.DRY_RUN, read.mode());
        assertEquals(2, read.roles().size());
    }

    @Test
    void metrics() throws Exception {
        var root = shown("metrics.md");
        var read = TelemetrySettings.read(root).orElseThrow();
        root.check();
        assertEquals(9988, read.address().getPort());
    }

    @Test
    void theOriginalsAuditLinesAreRefusedByName(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("server.conf"), "server { audit_log_enabled = true }");
        var wrong = assertThrows(ConfigException.class, () -> ServerConfigFile.read(file, false, Map.of()));
        assertTrue(String.valueOf(wrong.getMessage()).contains("write audit { file = \"…\" }"), wrong::getMessage);

        Files.writeString(file, "server { audit_log_enabled = false }");
        var fine = assertThrows(ConfigException.class, () -> ServerConfigFile.read(file, false, Map.of()));
        assertTrue(!String.valueOf(fine.getMessage()).contains("audit_log_enabled"), fine::getMessage);
    }
}
