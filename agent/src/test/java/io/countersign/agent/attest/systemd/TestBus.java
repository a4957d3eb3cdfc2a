// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A message bus of its own, served by a real daemon. */
record TestBus(Process daemon, Path socket) implements AutoCloseable {
    static TestBus start(Path daemon, Path folder) throws IOException {
        var socket = folder.resolve("bus.sock");
        var config = folder.resolve("bus.conf");
        Files.writeString(config, """
                <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
                 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
                <busconfig>
                  <type>custom</type>
                  <listen>unix:path=%s</listen>
                  <auth>EXTERNAL</auth>
                  <policy context="default">
                    <allow send_destination="*" eavesdrop="true"/>
                    <allow eavesdrop="true"/>
                    <allow own="*"/>
                  </policy>
                </busconfig>
                """.formatted(socket));
        var process = new ProcessBuilder(daemon.toString(), "--config-file=" + config, "--nofork", "--print-address")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.inputReader().readLine() == null) {
            throw new IOException("the message bus does not start");
        }
        return new TestBus(process, socket);
    }

    @Override
    public void close() throws InterruptedException {
        daemon.destroyForcibly().waitFor();
    }
}
