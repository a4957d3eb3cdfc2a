// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A Unix socket behind which another socket stands, which can be cut off as if the program behind it had ended. */
final class Relay implements AutoCloseable {
    private final ServerSocketChannel server;
    private final Path path;
    private final SocketAddress target;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private Relay(ServerSocketChannel server, Path path, SocketAddress target) {
        this.server = server;
        this.path = path;
        this.target = target;
        Thread.ofVirtual().name("relay").start(this::accept);
    }

    static Relay open(Path path, Path target) throws IOException {
        return open(path, UnixDomainSocketAddress.of(target));
    }

    static Relay open(Path path, SocketAddress target) throws IOException {
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        return new Relay(server, path, target);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                var from = server.accept();
                var to = SocketChannel.open(target);
                open.add(from);
                open.add(to);
                Thread.ofVirtual().name("relay there").start(() -> pump(from, to));
                Thread.ofVirtual().name("relay back").start(() -> pump(to, from));
            } catch (IOException e) {
                // cut off, which ends the loop
            }
        }
    }

    private static void pump(SocketChannel from, SocketChannel to) {
        try (from;
                to) {
            Channels.newInputStream(from).transferTo(Channels.newOutputStream(to));
        } catch (IOException e) {
            // either end has gone, and with it the other
        }
    }

    /** Ends all connections and takes the socket away. */
    @Override
    public void close() throws IOException {
        server.close();
        for (var channel : open) {
            channel.close();
        }
        Files.deleteIfExists(path);
    }
}
