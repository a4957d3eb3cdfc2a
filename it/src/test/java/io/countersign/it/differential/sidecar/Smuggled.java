// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What one sidecar makes of the bytes of a client.
 *
 * @param answers statuses, and under HTTP/2 how streams and the connection were ended
 * @param closed whether the sidecar has closed the connection
 * @param upstream what has reached the program behind it
 */
record Smuggled(List<String> answers, boolean closed, List<Witness.Request> upstream) {
    /** Envoy waits a second for the client before it closes. */
    private static final int QUIET_MILLIS = 1300;

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");

    /** How ours stands to the original. */
    enum Relation {
        EQUAL,
        /** Nothing more comes through, and the refusal has other words. */
        OTHER_WORDS,
        STRICTER,
        LAXER,
        /** Comes through in another way, which is written down with its reason. */
        MEANT
    }

    /**
     * What is sent at once on a connection of its own.
     *
     * @param bytes a letter for each
     */
    record Attack(String name, boolean http2, String bytes) {
        static Attack http1(String name, String text) {
            return new Attack("HTTP/1.1: " + name, false, text);
        }

        /** Letters that cannot be seen are written as in Java. */
        @Override
        public String toString() {
            return shown(name);
        }

        Smuggled ask(int port, Witness witness) throws IOException {
            witness.take();
            var answers = new ArrayList<String>();
            boolean closed;
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(QUIET_MILLIS);
                closed = send(socket) || (http2 ? frames(socket, answers) : text(socket, answers));
            }
            return new Smuggled(List.copyOf(answers), closed, witness.take());
        }

        private boolean send(Socket socket) throws IOException {
            try {
                socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
                return false;
            } catch (SocketException e) {
                return true;
            }
        }
    }

    private static boolean text(Socket socket, List<String> answers) {
        var all = new ByteArrayOutputStream();
        boolean closed = true;
        try {
            for (int c = socket.getInputStream().read();
                    c >= 0;
                    c = socket.getInputStream().read()) {
                all.write(c);
            }
        } catch (SocketTimeoutException e) {
            closed = false;
        } catch (IOException e) {
            // reset, which closes it, too
        }
        var matcher = STATUS.matcher(all.toString(StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            answers.add(matcher.group(1));
        }
        return closed;
    }

    private static boolean frames(Socket socket, List<String> answers) {
        try {
            var in = new DataInputStream(socket.getInputStream());
            while (true) {
                var frame = Http2Bytes.read(in);
                switch (frame.type()) {
                    case Http2Bytes.HEADERS -> answers.add(frame.status().orElse("fields"));
                    case Http2Bytes.RST_STREAM -> answers.add("reset " + frame.error());
                    case Http2Bytes.GOAWAY -> answers.add("goaway " + frame.error());
                    default -> {}
                }
            }
        } catch (SocketTimeoutException e) {
            return false;
        } catch (EOFException e) {
            return true;
        } catch (IOException e) {
            // reset
            return true;
        }
    }

    Relation against(Smuggled original, boolean http2) {
        if (equals(original)) {
            return Relation.EQUAL;
        }
        // what follows on a connection of HTTP/1.1 may be anything once a request was refused; streams are apart
        if (letsMoreThrough(original) || (!http2 && original.closed && !closed)) {
            return Relation.LAXER;
        }
        return !upstream.equals(original.upstream) || (closed && !original.closed)
                ? Relation.STRICTER
                : Relation.OTHER_WORDS;
    }

    /** Whether a request has reached the program that has not done so there, or with something that it does not have there. */
    boolean letsMoreThrough(Smuggled original) {
        int came = upstream.size();
        return came > original.upstream.size()
                || !IntStream.range(0, came).allMatch(i -> upstream.get(i).isWithin(original.upstream.get(i)));
    }

    /**
     * Whether the program behind has seen no request that the sidecar does not know of. Under HTTP/2 a client sends one only, and
     * the sidecar may give up what the program has taken for whole.
     */
    boolean isHonest(boolean http2) {
        return http2
                ? upstream.size() <= 1
                : upstream.size() == answers.stream().filter("200"::equals).count();
    }

    /** For a table. */
    String words() {
        var came = upstream.stream().map(Smuggled::words).collect(Collectors.joining(", then "));
        var said = answers.isEmpty() ? "nothing" : String.join(", ", answers);
        return said + (closed ? ", closed" : "") + (came.isEmpty() ? "" : "; upstream: " + came);
    }

    private static String words(Witness.Request request) {
        return request.line().replace(" HTTP/1.1", "") + (request.body().isEmpty() ? "" : " + " + request.body());
    }

    static String shown(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\r' -> out.append("\\r");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> out.append(c < ' ' || c > '~' ? "\\x%02x".formatted((int) c) : String.valueOf(c));
            }
        }
        return out.toString();
    }
}
