// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import io.countersign.stack.StackException;
import io.countersign.stack.layout.Role;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Programs of others that stand in for ours, with the same files and the same flags. */
public final class Originals {
    private static final List<String> REPLACEABLE = Arrays.stream(Role.values())
            .flatMap(role -> role.replaceable().stream())
            .distinct()
            .toList();

    private Originals() {}

    /**
     * @param use paths, or names on the search path, by the name of our program
     * @throws StackException if one is not there, or stands for nothing that can be swapped
     */
    public static Map<String, Path> find(Map<String, String> use, String searchPath) {
        var found = new HashMap<String, Path>();
        use.forEach((part, program) -> {
            if (!REPLACEABLE.contains(part)) {
                throw new StackException("--use " + part + "=" + program + ": \"" + part
                        + "\" cannot be swapped, expected one of " + String.join(", ", REPLACEABLE));
            }
            found.put(part, locate(program, searchPath));
        });
        return Map.copyOf(found);
    }

    private static Path locate(String program, String searchPath) {
        if (program.contains("/")) {
            var path = Path.of(program).toAbsolutePath().normalize();
            if (Files.isExecutable(path)) {
                return path;
            }
        } else {
            for (var folder : searchPath.split(File.pathSeparator, -1)) {
                var path = Path.of(folder, program).toAbsolutePath();
                if (Files.isExecutable(path)) {
                    return path;
                }
            }
        }
        throw new StackException("program \"" + program + "\" is not there, expected a path or a name on PATH");
    }

    /** The same words as ours gets, and what several of them on one machine need. */
    public static List<String> command(Path original, String part, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(original.toString());
        command.addAll(arguments);
        if (part.equals("sidecar")) {
            command.addAll(List.of("--use-dynamic-base-id", "--concurrency", "1"));
        }
        return command;
    }
}
