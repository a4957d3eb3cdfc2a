// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server that is no HTTP: greets first, then says back each line in capitals; {@code bye} ends, {@code drop} resets. */
final class Talker implements AutoCloseable {
    private final ServerSocket server;

    private Talker(ServerSocket server) {
        this.server = server;
        Thread.ofVirtual().name("talker").start(this::accept);
    }

    static Talker open() throws IOException {
        return new Talker(new ServerSocket(0, 64, InetAddress.getLoopbackAddress()));
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var socket = server.accept();
                Thread.ofVirtual().name("talk").start(() -> talk(socket));
            } catch (IOException e) {
                // closed, which ends the loop
            }
        }
    }

    private static void talk(Socket socket) {
        try (socket) {
            say(socket, "hello\n");
            var in = socket.getInputStream();
            var line = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                line.append((char) c);
                if (c == '\n') {
                    switch (line.toString().strip()) {
                        case "bye" -> {
                            return;
                        }
                        case "drop" -> {
                            socket.setSoLinger(true, 0);
                            return;
                        }
                        default -> say(socket, line.toString().toUpperCase(java.util.Locale.ROOT));
                    }
                    line.setLength(0);
                }
            }
            say(socket, "end\n");
        } catch (IOException e) {
            // the sidecar's end of the connection is judged by what its client sees
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
