// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One address for several servers: each connection goes to one that listens, in turn. */
final class Forwarder implements AutoCloseable {
    private final List<Integer> ports;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger turn = new AtomicInteger();

    private Forwarder(List<Integer> ports, ServerSocket listener) {
        this.ports = ports;
        this.listener = listener;
    }

    static Forwarder start(List<Integer> ports) throws IOException {
        var forwarder = new Forwarder(ports, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.startVirtualThread(forwarder::accept);
        return forwarder;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var caller = listener.accept();
                open.add(caller);
                Thread.startVirtualThread(() -> connect(caller));
            } catch (IOException e) {
                // closed, or a caller that has gone already
            }
        }
    }

    /** Hangs up on the caller if nobody listens, as a balancer does. */
    private void connect(Socket caller) {
        int first = turn.getAndIncrement();
        for (int i = 0; i < ports.size(); i++) {
            try {
                var server =
                        new Socket(InetAddress.getLoopbackAddress(), ports.get(Math.floorMod(first + i, ports.size())));
                open.add(server);
                Thread.startVirtualThread(() -> copy(caller, server));
                copy(server, caller);
                return;
            } catch (IOException e) {
                // this one is dead just now
            }
        }
        hangUp(caller);
    }

    /** Until one of the two ends, which then ends the other. */
    private void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // a killed server's connections end like this
        } finally {
            hangUp(from);
            hangUp(to);
        }
    }

    private void hangUp(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(this::hangUp);
    }
}
