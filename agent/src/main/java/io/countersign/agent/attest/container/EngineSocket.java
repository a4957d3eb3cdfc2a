// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads from a container engine over its Unix socket: Docker's Engine API, which Podman has, too. Asked in HTTP/1.0, to
 * which an answer is neither in chunks nor on a connection that stays; an interrupt ends the waiting.
 *
 * @param version of the API, such as 1.44; empty for the engine's own
 */
record EngineSocket(Path path, String version) {
    private static final int LONGEST = 16 << 20;
    private static final int OK = 200;

    /** @throws IOException if the engine does not answer, or not with a JSON object and 200 */
    JsonObject get(String resource) throws IOException {
        var answer = exchange("GET " + (version.isEmpty() ? "" : "/v" + version) + resource + " HTTP/1.0\r\n"
                + "Host: engine\r\nAccept: application/json\r\n\r\n");
        int end = answer.indexOf("\r\n\r\n");
        var words = answer.split("[ \r]", 3);
        if (end < 0 || words.length < 3 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
            throw new IOException("the engine at " + path + " does not speak http");
        }
        if (Integer.parseInt(words[1]) != OK) {
            throw new IOException("the engine at " + path + " answers " + words[1] + " to " + resource);
        }
        try {
            return JsonParser.parseString(answer.substring(end)).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            throw new IOException("the engine at " + path + " answers " + resource + " with no json object", e);
        }
    }

    private String exchange(String request) throws IOException {
        try (var socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.connect(UnixDomainSocketAddress.of(path));
            var ask = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (ask.hasRemaining()) {
                socket.write(ask);
            }
            var answer = new ByteArrayOutputStream();
            var buffer = ByteBuffer.allocate(1 << 14);
            while (socket.read(buffer) >= 0) {
                answer.write(buffer.array(), 0, buffer.position());
                buffer.clear();
                if (answer.size() > LONGEST) {
                    throw new IOException("the engine at " + path + " answers with more than " + LONGEST + " bytes");
                }
            }
            return answer.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw e.getMessage() == null || e.getMessage().startsWith("the engine")
                    ? e
                    : new IOException("the engine at " + path + " cannot be asked: " + e.getMessage(), e);
        }
    }
}
