// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.sidecar.HttpReader.Head;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The program behind a sidecar, which answers every request and remembers all of it. One that is cut off does not count. */
final class Witness implements AutoCloseable {
    /** What both sidecars add to every request. */
    private static final Set<String> ADDED =
            Set.of("x-request-id", "x-forwarded-proto", "x-envoy-expected-rq-timeout-ms");

    private static final String ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Request> seen = new ArrayList<>();

    /** A request as it has come. */
    record Request(String line, SortedSet<String> headers, String body, SortedSet<String> trailers) {
        /** Whether it is the other one, or has only lost headers that the other one has. */
        boolean isWithin(Request other) {
            return line.equals(other.line)
                    && body.equals(other.body)
                    && other.headers.containsAll(headers)
                    && other.trailers.containsAll(trailers);
        }
    }

    private Witness(ServerSocket server) {
        this.server = server;
        Thread.ofVirtual().name("witness").start(this::accept);
    }

    static Witness open() throws IOException {
        return new Witness(new ServerSocket(0, 64, InetAddress.getLoopbackAddress()));
    }

    int port() {
        return server.getLocalPort();
    }

    /** What has come since this was last asked. */
    List<Request> take() {
        synchronized (seen) {
            var all = List.copyOf(seen);
            seen.clear();
            return all;
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().name("witness of a connection").start(() -> serve(socket));
            } catch (IOException e) {
                // closed, which ends the loop
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var reader = new HttpReader(socket.getInputStream());
            for (var head = reader.head(); head.isPresent(); head = reader.head()) {
                var request = whole(head.get(), reader);
                synchronized (seen) {
                    seen.add(request);
                }
                socket.getOutputStream().write(ANSWER.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException | NumberFormatException e) {
            // cut off, or no request
        } finally {
            open.remove(socket);
        }
    }

    private static Request whole(Head head, HttpReader reader) throws IOException {
        var trailers = new ArrayList<Map.Entry<String, String>>();
        var body = head.chunked()
                ? reader.chunks(trailers)
                : reader.exactly(Integer.parseInt(head.header("content-length").orElse("0")));
        return new Request(head.first(), words(head.headers()), body, words(trailers));
    }

    private static SortedSet<String> words(List<Map.Entry<String, String>> fields) {
        var words = new TreeSet<String>();
        fields.stream()
                .filter(field -> !ADDED.contains(field.getKey()))
                .forEach(field -> words.add(field.getKey() + ": " + field.getValue()));
        return words;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
