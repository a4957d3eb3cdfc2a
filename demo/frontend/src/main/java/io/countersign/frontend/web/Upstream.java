// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/** Calls to the programs behind the frontend. Safe for any thread. */
final class Upstream implements AutoCloseable {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);

    /** The other side could not be asked; the message says what happened, in the manner of the original. */
    static final class UnreachableException extends IOException {
        UnreachableException(String message, IOException cause) {
            super(message, cause);
        }
    }

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_WITHIN)
            .build();

    HttpResponse<byte[]> send(HttpRequest request) throws UnreachableException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            var method = request.method().equals("GET") ? "Get" : "Post";
            throw new UnreachableException(
                    "%s \"%s\": %s".formatted(method, request.uri(), reason(request.uri(), e)), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("stopped while waiting for " + request.uri(), new IOException(e));
        }
    }

    private static String reason(URI uri, IOException e) {
        return switch (e) {
            case HttpTimeoutException slow -> "no answer in time: " + slow.getMessage();
            case ConnectException refused ->
                "dial tcp %s:%d: connect: connection refused".formatted(uri.getHost(), uri.getPort());
            case IOException other -> String.valueOf(other.getMessage());
        };
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
