// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a command that ends by itself has said. */
public record Outcome(int code, String out, String err) {
    private static final long PATIENCE_MINUTES = 3;

    public static Outcome of(Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        var errors = Files.createTempFile(Path.of("target"), "stderr-", "");
        var builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException(command + " does not end");
        }
        return new Outcome(process.exitValue(), out, Files.readString(errors));
    }

    /** As a user who is not root, if this test is. */
    public static List<String> asOrdinaryUser(List<String> command) {
        if (!Programs.isRoot()) {
            return command;
        }
        var all = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        all.addAll(command);
        return all;
    }
}
