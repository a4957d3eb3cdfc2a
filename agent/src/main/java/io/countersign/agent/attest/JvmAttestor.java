// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.io.InputStream;
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

    /** In bytes; a class path of some hundred jars is long. */
    private static final int LONGEST_LINE = 256 << 10;
    /** What is kept of a process, for it can say of itself what it likes. */
    private static final int MOST_SELECTORS = 500;

    private static final int MOST_LETTERS = 64 << 10;

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

    /** The command line stands in the memory of the process, which can be the content of any file. */
    @Override
    public boolean readsTheProgram() {
        return true;
    }

    @Override
    public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException {
        var proc = Path.of("/proc", Integer.toString(process.pid()));
        if (!Files.readSymbolicLink(proc.resolve("exe")).endsWith("java")) {
            return Map.of();
        }
        try (var line = Files.newInputStream(proc.resolve("cmdline"))) {
            return claims(line);
        }
    }

    /**
     * What a command line says.
     *
     * @param line as the kernel has it, with a zero behind each word
     * @throws IOException if it is without end
     */
    static Map<Selector, Assurance> claims(InputStream line) throws IOException {
        var bytes = line.readNBytes(LONGEST_LINE + 1);
        if (bytes.length > LONGEST_LINE) {
            throw new IOException(
                    "the command line has more than " + LONGEST_LINE + " bytes; put options into an @argument file");
        }
        var found = selectors(List.of(new String(bytes, StandardCharsets.UTF_8).split("\0")));
        int letters =
                found.stream().mapToInt(selector -> selector.value().length()).sum();
        if (found.size() > MOST_SELECTORS || letters > MOST_LETTERS) {
            throw new IOException(
                    "the command line gives %d selectors of %d letters, expected %d of %d at most; set fewer properties there"
                            .formatted(found.size(), letters, MOST_SELECTORS, MOST_LETTERS));
        }
        return found.stream().collect(Collectors.toMap(selector -> selector, selector -> Assurance.CLAIMED));
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
