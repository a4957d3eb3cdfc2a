// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.it.differential.sidecar.HttpReader.Head;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Where requests end up. The request's header {@code x-do} says what becomes of it; without it the request is told back as JSON. */
final class Upstream implements AutoCloseable {
    private static final long HANG_SECONDS = 20;

    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    private Upstream(ServerSocket server) {
        this.server = server;
        Thread.ofVirtual().name("upstream").start(this::accept);
    }

    static Upstream plain() throws IOException {
        return plain(0);
    }

    /** @param port zero for any that is free */
    static Upstream plain(int port) throws IOException {
        return new Upstream(new ServerSocket(port, 64, InetAddress.getLoopbackAddress()));
    }

    /** Asks for a certificate, but does not insist. */
    static Upstream secure(Credential own) throws IOException {
        var server = (SSLServerSocket)
                own.context().getServerSocketFactory().createServerSocket(0, 64, InetAddress.getLoopbackAddress());
        server.setWantClientAuth(true);
        return new Upstream(server);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().name("upstream connection").start(() -> serve(socket));
            } catch (IOException e) {
                // closed, which ends the loop
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var reader = new HttpReader(socket.getInputStream());
            while (true) {
                var head = reader.head();
                if (head.isEmpty() || !answer(socket, reader, head.get())) {
                    return;
                }
            }
        } catch (IOException e) {
            // the sidecar's end of the connection is judged by what its client sees
        } finally {
            open.remove(socket);
        }
    }

    /** @return whether the connection may carry another request */
    private boolean answer(Socket socket, HttpReader reader, Head head) throws IOException {
        var out = socket.getOutputStream();
        var what = head.header("x-do").orElse("echo");
        if (Set.of("close", "reset", "garbage", "hang").contains(what)) {
            return breakOff(socket, out, what);
        }
        var trailers = new ArrayList<Map.Entry<String, String>>();
        var body = head.chunked()
                ? reader.chunks(trailers)
                : reader.exactly(Integer.parseInt(head.header("content-length").orElse("0")));
        if (what.equals("echo")) {
            var json = echo(socket, head, body, trailers).toString();
            send(
                    out,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                            + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n"
                            + (head.first().startsWith("HEAD ") ? "" : json));
            return true;
        }
        var answer = Answers.named(what);
        send(out, answer.text());
        if (what.equals("websocket")) {
            send(out, reader.exactly("word\r\n".length()).toUpperCase(Locale.ROOT));
        }
        if (answer.then() == Answers.Then.HANG) {
            hang();
        }
        if (answer.then() == Answers.Then.RESET) {
            socket.setSoLinger(true, 0);
        }
        return answer.then() == Answers.Then.KEEP;
    }

    private boolean breakOff(Socket socket, OutputStream out, String how) throws IOException {
        switch (how) {
            case "reset" -> socket.setSoLinger(true, 0);
            case "garbage" -> send(out, "garbage\r\n\r\n");
            case "hang" -> hang();
            default -> {}
        }
        return false;
    }

    private void hang() throws IOException {
        try {
            if (!closed.await(HANG_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("nobody gave up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static JsonObject echo(Socket socket, Head head, String body, List<Map.Entry<String, String>> trailers) {
        var json = new JsonObject();
        json.addProperty("line", head.first());
        json.add("headers", fields(head.headers()));
        json.addProperty("body", body.length() > 200 ? body.length() + " letters" : body);
        json.add("trailers", fields(trailers));
        json.addProperty("peer", peer(socket));
        return json;
    }

    private static JsonObject fields(List<Map.Entry<String, String>> headers) {
        var fields = new JsonObject();
        for (var header : headers) {
            var values = fields.has(header.getKey()) ? fields.getAsJsonArray(header.getKey()) : new JsonArray();
            values.add(header.getValue());
            fields.add(header.getKey(), values);
        }
        return fields;
    }

    /** The URI in the certificate that the sidecar has shown. */
    private static String peer(Socket socket) {
        if (!(socket instanceof SSLSocket tls)) {
            return "plain";
        }
        try {
            var leaf = (X509Certificate) tls.getSession().getPeerCertificates()[0];
            return String.valueOf(leaf.getSubjectAlternativeNames()) + " over "
                    + tls.getSession().getProtocol();
        } catch (SSLPeerUnverifiedException | java.security.cert.CertificateParsingException e) {
            return "nobody over " + tls.getSession().getProtocol();
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
