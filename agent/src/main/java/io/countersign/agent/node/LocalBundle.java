// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches {@code trust_bundle_url} from a service that listens at {@code trust_bundle_unix_socket}. It is asked in HTTP/1.0, to
 * which an answer is neither in chunks nor on a connection that stays.
 */
record LocalBundle(Path socket, URI url) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LARGEST = 4 << 20;
    private static final String HEAD_END = "\r\n\r\n";

    /** @throws AwayException if there is no whole answer of the right kind */
    byte[] fetch() throws IOException, InterruptedException {
        var exchange = new FutureTask<>(this::exchange);
        Thread.ofVirtual().name("trust-bundle").start(exchange);
        try {
            return body(exchange.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            var cause = Optional.ofNullable(e.getCause()).orElse(e);
            throw new AwayException(socket + " cannot be asked for trust_bundle_url: " + cause.getMessage(), e);
        } catch (TimeoutException e) {
            throw new AwayException(
                    socket + " gave no whole answer for trust_bundle_url within " + PATIENCE.toSeconds() + " s", e);
        } finally {
            // closes the connection if it waits there
            exchange.cancel(true);
        }
    }

    private byte[] exchange() throws IOException {
        var request = "GET " + url.getRawPath() + "?" + url.getRawQuery() + " HTTP/1.0\r\nHost: "
                + url.getRawAuthority() + HEAD_END;
        try (var connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(socket));
            var question = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (question.hasRemaining()) {
                connection.write(question);
            }
            var answer = new ByteArrayOutputStream();
            var buffer = ByteBuffer.allocate(1 << 14);
            while (connection.read(buffer) >= 0) {
                answer.write(buffer.array(), 0, buffer.position());
                buffer.clear();
                if (answer.size() > LARGEST) {
                    throw new IOException("it answers with more than " + LARGEST + " bytes");
                }
            }
            return answer.toByteArray();
        }
    }

    private byte[] body(byte[] answer) throws AwayException {
        // one character for each byte
        var text = new String(answer, StandardCharsets.ISO_8859_1);
        int end = text.indexOf(HEAD_END);
        var words = text.split("[ \r]", 3);
        if (end < 0 || words.length < 3 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
            throw new AwayException(socket + " answers with something else than http to trust_bundle_url");
        }
        if (!words[1].equals("200")) {
            throw new AwayException(socket + " answers " + words[1] + " to trust_bundle_url, expected 200");
        }
        return Arrays.copyOfRange(answer, end + HEAD_END.length(), answer.length);
    }
}
