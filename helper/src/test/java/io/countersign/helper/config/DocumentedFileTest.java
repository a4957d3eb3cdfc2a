// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.notify.Proof;
import io.countersign.launch.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/operate shows of helper.conf is read as it stands there. */
final class DocumentedFileTest {
    private static final Pattern BLOCK = Pattern.compile("```hcl\\n(.*?)```", Pattern.DOTALL);

    @Test
    void filesThatAreInUse() throws IOException {
        var page = Files.readString(Path.of("../docs/operate/certificate-files.md"));
        var block = BLOCK.matcher(page);
        assertTrue(block.find(), "no example");

        var config = HelperConfigFile.read(ConfigFile.parse(block.group(1), "example"), Optional.empty(), Map.of());

        assertEquals(
                List.of("/etc/tls/postgresql", "/etc/tls/postgresql/replication"),
                config.identities().stream().map(Identity::name).toList());
        assertEquals(6, config.identities().getFirst().files().files().size());
        var proof = config.identities().getFirst().announcement().proof().orElseThrow();
        assertEquals(Proof.Protocol.POSTGRESQL, proof.protocol());
        assertEquals(List.of(), config.warnings());
    }
}
