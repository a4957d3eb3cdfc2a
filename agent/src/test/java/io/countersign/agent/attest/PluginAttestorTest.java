// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.PluginSource;
import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.AgentConfigFile;
import io.countersign.agent.entry.Selector;
import io.countersign.launch.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of {@code docs/integrate/tell-programs-apart.md}, compiled and plugged in as it stands there. */
final class PluginAttestorTest {
    private static final Path PAGE = Path.of("..", "docs", "integrate", "tell-programs-apart.md");

    @TempDir
    private Path folder;

    private String block;

    @BeforeEach
    void take() throws IOException {
        var page = Files.readString(PAGE);
        var source = new PluginSource(
                "org.example.folder.FolderAttestor",
                "io.countersign.plugin.workload.WorkloadAttestor$Provider",
                fenced(page, "java", "package org\\.example"));
        block = fenced(page, "hcl", "WorkloadAttestor \"folder\"")
                .replace("/usr/lib/countersign/folder.jar", source.jar(folder).toString())
                .replace("/opt/apps", folder.resolve("apps").toString());
    }

    private static String fenced(String page, String language, String beginning) {
        var found = Pattern.compile("```" + language + "\n(" + beginning + ".*?)```", Pattern.DOTALL)
                .matcher(page);
        assertTrue(found.find(), "the page has such an example");
        return found.group(1);
    }

    private WorkloadAttestor read(String attestor) throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, """
                agent {
                  trust_domain = "example.org"
                  server_address = "localhost"
                  server_port = 8081
                  insecure_bootstrap = true
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                %s
                }
                """.formatted(attestor));
        var config = AgentConfigFile.read(file, false, Map.of()).attestors().getFirst();
        var plugin = (AttestorConfig.Plugin) config;
        return new PluginAttestor(plugin.name(), plugin.attestor());
    }

    @Test
    void pluginOfThePageTellsProgramsApart() throws Exception {
        var program = folder.resolve("apps/shop/bin/shop");
        Files.createDirectories(program.getParent());
        Files.copy(Path.of("/bin/cat"), program, StandardCopyOption.COPY_ATTRIBUTES);
        var attestor = read(block);

        try (var shop = Child.start(program.toString());
                var other = Child.start("cat")) {
            assertEquals(Map.of(new Selector("folder", "app:shop"), Assurance.KERNEL), attestor.attest(shop.peer()));
            assertEquals(Map.of(), attestor.attest(other.peer()));
        }
    }

    @Test
    void whatCannotBePluggedInIsNamed() {
        assertProblem("root is missing, expected a folder", block.replace("root =", "route ="));
        assertProblem("for \"other\"", block.replace("\"folder\"", "\"other\""));
        assertProblem("expected a name that is none of docker, jvm", block.replace("\"folder\"", "\"k8s\""));
    }

    private void assertProblem(String words, String attestor) {
        var refused = assertThrows(ConfigException.class, () -> read(attestor));
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
