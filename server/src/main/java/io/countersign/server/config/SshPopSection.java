// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.FileFailure;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.server.agentpath.AgentPathTemplate.Fields;
import io.countersign.server.config.NodeAttestorSettings.SshPop;
import io.countersign.server.ssh.SshKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The settings of {@code NodeAttestor "sshpop"}. */
final class SshPopSection {
    private static final Fields FIELDS = new Fields(
            Set.of("PluginName", "Fingerprint", "Hostname", "Serial", "KeyId"), Set.of(), Set.of("ValidPrincipals"));

    private SshPopSection() {}

    static SshPop read(ConfigBlock data) {
        var authorities = new ArrayList<SshKey>();
        for (var line : data.strings("cert_authorities")) {
            add(authorities, data, "cert_authorities", line);
        }
        var file = data.string("cert_authorities_path", "");
        if (!file.isEmpty()) {
            lines(data, file).forEach(line -> add(authorities, data, "cert_authorities_path", line));
        }
        if (!data.has("cert_authorities") && file.isEmpty()) {
            data.problem("cert_authorities", "is missing, expected it or cert_authorities_path");
        } else if (data.strings("cert_authorities").isEmpty() && file.isEmpty()) {
            data.problem("cert_authorities", "is empty, expected at least one key");
        }
        return new SshPop(
                authorities,
                data.string("canonical_domain", ""),
                NodeAttestorSection.agentPath(data, "/{{ .PluginName }}/{{ .Fingerprint }}", FIELDS));
    }

    private static void add(List<SshKey> authorities, ConfigBlock data, String key, String line) {
        try {
            authorities.add(SshKey.parseLine(line));
        } catch (IllegalArgumentException e) {
            data.problem(key, "\"" + line + "\" cannot be used: " + e.getMessage());
        }
    }

    private static List<String> lines(ConfigBlock data, String file) {
        try {
            var lines = Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
            if (lines.isEmpty()) {
                data.problem("cert_authorities_path", "the file " + file + " is empty, expected at least one key");
            }
            return lines;
        } catch (NoSuchFileException e) {
            data.problem("cert_authorities_path", "the file " + file + " is not there");
        } catch (IOException e) {
            data.problem("cert_authorities_path", "the file " + file + " cannot be read: " + FileFailure.words(e));
        }
        return List.of();
    }
}
