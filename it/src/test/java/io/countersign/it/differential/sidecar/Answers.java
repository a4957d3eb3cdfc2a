// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

/** What an {@link Upstream} says on demand, sound or not. */
final class Answers {
    private Answers() {}

    enum Then {
        KEEP,
        CLOSE,
        RESET,
        HANG
    }

    record Answer(String text, Then then) {}

    /** The one with that name; a number is an answer with that status and no body. */
    // where lines end is what these are about
    @SuppressWarnings("StringConcatToTextBlock")
    static Answer named(String name) {
        return switch (name) {
            case "chunked" ->
                keep("HTTP/1.1 200 OK\ntransfer-encoding: chunked\ncontent-type: text/plain\n\n"
                        + "4\nabcd\n3\nefg\n0\n\n");
            case "trailers" ->
                keep("HTTP/1.1 200 OK\ntransfer-encoding: chunked\ntrailer: x-sum\n\n" + "4\nabcd\n0\nx-sum: 7\n\n");
            case "until-close" ->
                new Answer(lines("HTTP/1.1 200 OK\ncontent-type: text/plain\n\nto the end"), Then.CLOSE);
            case "http10" -> new Answer(lines("HTTP/1.0 200 OK\ncontent-length: 3\n\nold"), Then.CLOSE);
            case "close-header" ->
                new Answer(lines("HTTP/1.1 200 OK\nconnection: close\ncontent-length: 3\n\nbye"), Then.CLOSE);
            case "half" -> new Answer(lines("HTTP/1.1 200 OK\ncontent-length: 100\n\nhalf"), Then.CLOSE);
            case "half-chunked" ->
                new Answer(lines("HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n4\nhalf\n"), Then.CLOSE);
            case "half-reset" -> new Answer(lines("HTTP/1.1 200 OK\ncontent-length: 100\n\nhalf"), Then.RESET);
            case "half-hang" -> new Answer(lines("HTTP/1.1 200 OK\ncontent-length: 100\n\nhalf"), Then.HANG);
            case "headers" ->
                keep("HTTP/1.1 200 Fine\nserver: mine\ndate: Tue, 01 Jan 2030 00:00:00 GMT\n"
                        + "X-Upper: Case\nset-cookie: a=1\nset-cookie: b=2\nvia: 1.1 other\nkeep-alive: timeout=5\n"
                        + "connection: keep-alive\nx-envoy-upstream-service-time: 12345\nx-request-id: theirs\n"
                        + "x-empty:\ncontent-length: 2\n\nok");
            case "hints" -> keep("HTTP/1.1 103 Early Hints\nlink: </a>\n\nHTTP/1.1 200 OK\ncontent-length: 2\n\nok");
            case "continue" -> keep("HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\ncontent-length: 2\n\nok");
            case "head" -> keep("HTTP/1.1 200 OK\ncontent-length: 1234\n\n");
            case "204" -> keep("HTTP/1.1 204 No Content\n\n");
            case "304" -> keep("HTTP/1.1 304 Not Modified\netag: \"a\"\n\n");
            case "304-length" -> keep("HTTP/1.1 304 Not Modified\ncontent-length: 10\n\n");
            case "204-length" -> keep("HTTP/1.1 204 No Content\ncontent-length: 0\n\n");
            case "101" -> new Answer(lines("HTTP/1.1 101 Switching Protocols\nupgrade: other\n\n"), Then.HANG);
            case "websocket" ->
                new Answer(
                        lines("HTTP/1.1 101 Switching Protocols\nconnection: Upgrade\nupgrade: websocket\n"
                                + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\nx-more: 1\n\nhello\n"),
                        Then.CLOSE);
            case "two-lengths" ->
                new Answer(lines("HTTP/1.1 200 OK\ncontent-length: 2\ncontent-length: 3\n\nok!"), Then.CLOSE);
            case "length-and-chunks" ->
                new Answer(
                        lines("HTTP/1.1 200 OK\ncontent-length: 2\ntransfer-encoding: chunked\n\n2\nok\n0\n\n"),
                        Then.CLOSE);
            case "large-head" ->
                new Answer(
                        lines("HTTP/1.1 200 OK\nx-large: " + "a".repeat(70_000) + "\ncontent-length: 2\n\nok"),
                        Then.CLOSE);
            case "large" -> keep("HTTP/1.1 200 OK\ncontent-length: 3000000\n\n" + "a".repeat(3_000_000));
            case "grpc" ->
                keep("HTTP/1.1 200 OK\ncontent-type: application/grpc\ngrpc-status: 5\n"
                        + "grpc-message: nothing here\ncontent-length: 0\n\n");
            default -> keep("HTTP/1.1 " + name + " Whatever\ncontent-length: 0\n\n");
        };
    }

    private static Answer keep(String text) {
        return new Answer(lines(text), Then.KEEP);
    }

    private static String lines(String text) {
        return text.replace("\n", "\r\n");
    }
}
