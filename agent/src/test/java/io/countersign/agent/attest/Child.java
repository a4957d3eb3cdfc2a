// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A process of its own that waits until it is closed, as the kernel describes it to a server. */
record Child(Process process, Peer.LocalProcess peer) implements AutoCloseable {
    private static final int START_TIME_AFTER_NAME = 19;

    /** The command has to read its standard input. */
    static Child start(String... command) throws IOException {
        return start(List.of(command), Map.of());
    }

    static Child start(List<String> command, Map<String, String> environment) throws IOException {
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        var process = builder.start();
        var proc = Path.of("/proc", Long.toString(process.pid()));
        var stat = Files.readString(proc.resolve("stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        var peer = new Peer.LocalProcess(
                Math.toIntExact(process.pid()),
                (Integer) Files.getAttribute(proc, "unix:uid"),
                (Integer) Files.getAttribute(proc, "unix:gid"),
                Long.parseLong(fields[START_TIME_AFTER_NAME]));
        return new Child(process, peer);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
