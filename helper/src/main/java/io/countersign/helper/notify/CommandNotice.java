// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that is run, without a shell, and has to succeed.
 *
 * @param words the program and its arguments
 * @param limit after which it is ended and has failed
 */
public record CommandNotice(List<String> words, Duration limit) implements Notice {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** @throws IllegalArgumentException without a program */
    public CommandNotice {
        words = List.copyOf(words);
        if (words.isEmpty()) {
            throw new IllegalArgumentException("no command, expected the name of a program");
        }
    }

    @Override
    public void tell() throws IOException, InterruptedException {
        var process = new ProcessBuilder(words)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("%s has not ended within %s".formatted(words.getFirst(), limit));
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        "%s has ended with exit code %d, expected 0".formatted(words.getFirst(), process.exitValue()));
            }
        } finally {
            end(process);
        }
    }

    private static void end(Process process) throws InterruptedException {
        if (process.isAlive()) {
            process.destroy();
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** Without the arguments, which may hold a secret. */
    @Override
    public String toString() {
        return "command " + words.getFirst();
    }
}
