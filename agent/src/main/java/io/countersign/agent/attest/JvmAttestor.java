// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The {@code jvm} attestor, for machines on which all programs are {@code java} under one user: main class or jar file and
 * system properties from the command line. A process chooses its own command line, so these are claims.
 */
public final class JvmAttestor implements WorkloadAttestor {
    public static final String NAME = "jvm";

    /** Options of the launcher that take the next word as their value. */
    private static final Set<String> WITH_VALUE = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--add-modules",
            "--add-opens",
            "--add-exports",
            "--add-reads",
            "--enable-native-access",
            "--source",
            "--patch-module",
            "--limit-modules",
            "--describe-module",
            "-d");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException {
        var proc = Path.of("/proc", Integer.toString(process.pid()));
        if (!Files.readSymbolicLink(proc.resolve("exe")).endsWith("java")) {
            return Map.of();
        }
        var text = new String(Files.readAllBytes(proc.resolve("cmdline")), StandardCharsets.UTF_8);
        return selectors(List.of(text.split("\0"))).stream()
                .collect(Collectors.toMap(selector -> selector, selector -> Assurance.CLAIMED));
    }

    /** {@code words} is a whole command line, the launcher first. */
    static Set<Selector> selectors(List<String> words) {
        var found = new LinkedHashSet<Selector>();
        for (int i = 1; i < words.size(); i++) {
            var word = words.get(i);
            if (word.startsWith("-D")) {
                property(word.substring(2), found);
            } else if (word.equals("-jar") || word.equals("-m") || word.equals("--module")) {
                if (i + 1 < words.size()) {
                    found.add(new Selector(NAME, (word.equals("-jar") ? "jar:" : "module:") + words.get(i + 1)));
                }
                return found;
            } else if (WITH_VALUE.contains(word)) {
                i++;
            } else if (!word.startsWith("-") && !word.startsWith("@") && !word.isEmpty()) {
                found.add(new Selector(NAME, "main:" + word));
                return found;
            }
        }
        return found;
    }

    private static void property(String definition, Set<Selector> found) {
        int equals = definition.indexOf('=');
        if (equals > 0 && equals < definition.length() - 1) {
            found.add(new Selector(
                    NAME, "property:" + definition.substring(0, equals) + ":" + definition.substring(equals + 1)));
        }
    }
}
