// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;

/**
 * A client that sends what costs it little and a sidecar much, and reads none of the answers.
 *
 * @param pieces what it sends, one after the other, a letter for each byte
 * @param count how many of them
 */
record Flood(String name, String beginning, IntFunction<String> pieces, int count) implements Case {
    /** How long it stays blocked until it is clear that nobody reads it any more. */
    private static final Duration BLOCKED = Duration.ofSeconds(10);

    private static final Duration QUIET = Duration.ofSeconds(2);

    /** What another client is answered in, on a machine that is busy with both sidecars and both clients. */
    private static final Duration PROMPT = Duration.ofSeconds(3);

    static final String ENDED = "ended";
    static final String UNREAD = "no longer read";
    static final String ANSWERED = "answered";

    private static final int AT_ONCE = 100;
    private static final int SMALL = 16 * 1024;

    @Override
    public String toString() {
        return name;
    }

    @Override
    public Answer ask(Running sidecar) throws Exception {
        var flooding = new AtomicBoolean(true);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var socket = new Socket()) {
            // else the system takes the answers that nobody reads
            socket.setReceiveBufferSize(SMALL);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), sidecar.port("plain")));
            var flood = threads.submit(() -> send(socket));
            var others = threads.submit(() -> askMeanwhile(sidecar, flooding));
            String end;
            try {
                end = flood.get(BLOCKED.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                end = UNREAD;
            }
            flooding.set(false);
            // wakes a client that is blocked
            socket.close();
            return Answer.empty().with("connection", end).with("others", others.get());
        }
    }

    private String send(Socket socket) throws IOException {
        try {
            write(socket, beginning);
            for (int i = 0; i < count; i += AT_ONCE) {
                var text = new StringBuilder();
                for (int k = i; k < i + AT_ONCE; k++) {
                    text.append(pieces.apply(k));
                }
                write(socket, text.toString());
            }
            socket.setSoTimeout((int) QUIET.toMillis());
            // the end may stand behind much that was said before
            socket.getInputStream().readAllBytes();
            return ENDED;
        } catch (SocketTimeoutException e) {
            return "taken";
        } catch (SocketException e) {
            return ENDED;
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String askMeanwhile(Running sidecar, AtomicBoolean flooding) throws IOException {
        var answered = askAnother(sidecar);
        while (flooding.get() && answered.equals(ANSWERED)) {
            answered = askAnother(sidecar);
        }
        return answered;
    }

    /** A request on a connection of its own. */
    static String askAnother(Running sidecar) throws IOException {
        try (var client = Client.plain(sidecar.port("plain"))) {
            long begun = System.nanoTime();
            client.send("GET / HTTP/1.1\nhost: app.test\n\n");
            var status = client.answer(false).fields().getOrDefault("status", "none");
            long took = System.nanoTime() - begun;
            return status.equals("HTTP/1.1 200 OK") && took < PROMPT.toNanos()
                    ? ANSWERED
                    : status + " after " + TimeUnit.NANOSECONDS.toMillis(took) + " ms";
        }
    }
}
