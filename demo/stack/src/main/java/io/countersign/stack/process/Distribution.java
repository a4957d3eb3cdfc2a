// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import io.countersign.stack.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The folder of programs that bin/countersign belongs to.
 *
 * @param home with lib, options and aot in it
 * @param java the Java to run them with
 * @param training where the programs are to leave what they have learnt about their start, if they are to learn
 */
public record Distribution(Path home, Path java, Optional<Path> training) {
    private static final Set<String> LEARNING = Set.of("backend-sidecar", "backend-helper");
    private static final Duration USUAL_STOP = Duration.ofSeconds(10);
    private static final Duration LEARNED_STOP = Duration.ofMinutes(2);

    /** @throws StackException if the start script has not said where it is */
    public static Distribution fromEnvironment(Map<String, String> environment) {
        var home = environment.get("COUNTERSIGN_HOME");
        var java = environment.get("COUNTERSIGN_JAVA");
        if (home == null || java == null) {
            throw new StackException(
                    "COUNTERSIGN_HOME and COUNTERSIGN_JAVA are not set; start this with bin/countersign up");
        }
        return new Distribution(
                Path.of(home),
                Path.of(java),
                Optional.ofNullable(environment.get("COUNTERSIGN_TRAINING")).map(Path::of));
    }

    /** Of all programs in it. */
    public String version() {
        try {
            return Files.readString(home.resolve("version")).strip().replaceFirst("^version=countersign ", "");
        } catch (IOException e) {
            throw new StackException("the distribution's version cannot be read: " + e.getMessage(), e);
        }
    }

    /** How long a program may take to stop: one that learns writes down what it has learnt. */
    public Duration stopPatience() {
        return training.isPresent() ? LEARNED_STOP : USUAL_STOP;
    }

    /**
     * The command that runs a program as that part, as bin/countersign would.
     *
     * @param scratch for files that the program does not need any more when it ends
     */
    public List<String> command(String program, String part, Path scratch, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(java.toString());
        command.add("@" + home.resolve("options").resolve(program));
        learned(program, part).ifPresent(command::add);
        command.add("-Dcountersign.part=" + part);
        command.add("-Djava.io.tmpdir=" + scratch);
        command.add("-jar");
        command.add(jar(program).toString());
        command.addAll(arguments);
        return List.copyOf(command);
    }

    /** The command for people: a program through the start script, which finds its Java itself. */
    public List<String> script(String program, List<String> arguments) {
        var command = new ArrayList<>(List.of(home.resolve("bin/countersign").toString(), program));
        command.addAll(arguments);
        return List.copyOf(command);
    }

    /** Of two parts that run the same program one learns, so that they do not write over each other. */
    private Optional<String> learned(String program, String part) {
        if (training.isPresent()) {
            var learns = part.equals(program) || LEARNING.contains(part);
            return learns
                    ? Optional.of("-XX:AOTCacheOutput=" + training.get().resolve(program + ".aot"))
                    : Optional.empty();
        }
        var cache = home.resolve("aot").resolve(program + ".aot");
        return Files.exists(cache) && isTrained() ? Optional.of("-XX:AOTCache=" + cache) : Optional.empty();
    }

    /** Whether these are still the jars that the caches were made with; Java does not always notice another one. */
    private boolean isTrained() {
        var trained = home.resolve("aot/jars");
        try (var jars = Files.list(home.resolve("lib"))) {
            var lines = new HashSet<String>();
            for (var jar : (Iterable<Path>) jars::iterator) {
                var seconds = Files.getLastModifiedTime(jar).to(TimeUnit.SECONDS);
                lines.add(jar.getFileName() + " " + Files.size(jar) + " " + seconds);
            }
            return Files.exists(trained) && lines.equals(Set.copyOf(Files.readAllLines(trained)));
        } catch (IOException e) {
            throw new StackException("the jars of " + home + " cannot be looked at: " + e.getMessage(), e);
        }
    }

    private Path jar(String program) {
        try (var jars = Files.newDirectoryStream(home.resolve("lib"), "countersign-" + program + "-[0-9]*.jar")) {
            for (var jar : jars) {
                return jar;
            }
        } catch (IOException e) {
            throw new StackException("folder " + home.resolve("lib") + " cannot be read: " + e.getMessage(), e);
        }
        throw new StackException("program \"" + program + "\" is missing in " + home.resolve("lib")
                + ", expected its jar; build with mvn package");
    }

    /** Itself if every user may read it; else a copy in that folder, times kept, which the caches insist on. */
    public Distribution readableByAll(Path copy) throws IOException {
        for (Path folder = home.toRealPath(); folder != null; folder = folder.getParent()) {
            if (!Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                copy(home, copy);
                return new Distribution(copy, java, training);
            }
        }
        return this;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : (Iterable<Path>) files::iterator) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(target);
                } else if (!isSame(file, target)) {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private static boolean isSame(Path file, Path target) throws IOException {
        return Files.exists(target)
                && Files.size(file) == Files.size(target)
                && Files.getLastModifiedTime(file).equals(Files.getLastModifiedTime(target));
    }
}
