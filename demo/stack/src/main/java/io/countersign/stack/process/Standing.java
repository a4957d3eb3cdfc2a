// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import io.countersign.stack.StackException;
import io.countersign.stack.layout.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Which program stands at each place that can be swapped, with the version that it says it has. */
public final class Standing {
    private static final Pattern VERSION = Pattern.compile("\\b[0-9]+\\.[0-9]+\\.[0-9]+[0-9A-Za-z.+-]*");
    private static final long PATIENCE_SECONDS = 10;

    private Standing() {}

    /**
     * Names with versions, such as {@code spire-server 1.15.3}, by the part's name.
     *
     * @throws StackException if an original cannot be run
     */
    public static Map<String, String> of(Map<String, Path> originals, Distribution distribution)
            throws InterruptedException {
        var named = new LinkedHashMap<String, String>();
        for (var original : originals.entrySet()) {
            named.put(original.getKey(), ask(original.getValue()));
        }
        var all = new LinkedHashMap<String, String>();
        for (var role : Role.values()) {
            var program = role.replaceable();
            if (program.isPresent()) {
                var ours = "countersign " + program.get() + " " + distribution.version();
                all.put(role.part(), named.getOrDefault(program.get(), ours));
            }
        }
        return all;
    }

    private static String ask(Path program) throws InterruptedException {
        try {
            var process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return named(program, said);
        } catch (IOException e) {
            throw new StackException(program + " cannot be run: " + e.getMessage(), e);
        }
    }

    static String named(Path program, String said) {
        var version = VERSION.matcher(said);
        return Optional.ofNullable(program.getFileName()).orElse(program)
                + (version.find() ? " " + version.group() : "");
    }
}
