// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers on a Unix socket in the form of a container engine, to HTTP/1.0. */
final class TestEngine implements AutoCloseable {
    final CopyOnWriteArrayList<String> asked = new CopyOnWriteArrayList<>();
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final ServerSocketChannel server;

    TestEngine(Path socket) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::serve);
    }

    /** @param json in answer to a GET of that resource; 404 to others */
    TestEngine saying(String resource, String json) {
        answers.put(resource, json);
        return this;
    }

    private void serve() {
        try {
            while (true) {
                try (var connection = server.accept()) {
                    answer(connection);
                }
            }
        } catch (AsynchronousCloseException closed) {
            // the test is over
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(SocketChannel connection) throws IOException {
        var request = new StringBuilder();
        var buffer = ByteBuffer.allocate(4096);
        while (!request.toString().endsWith("\r\n\r\n") && connection.read(buffer) >= 0) {
            request.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
            buffer.clear();
        }
        var words = request.toString().split(" ");
        asked.add(words[1]);
        var json = answers.get(words[1]);
        var response = json == null
                ? "HTTP/1.0 404 Not Found\r\nContent-Type: application/json\r\n\r\n{\"message\":\"no such\"}"
                : "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + json;
        connection.write(ByteBuffer.wrap(response.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
