// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import io.countersign.it.differential.sidecar.Http2Bytes.Frame;
import io.countersign.it.differential.sidecar.HttpReader.Head;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One connection to a sidecar, plain or TLS, on which bytes are written as they are. */
final class Client implements AutoCloseable {
    /** Below the 15 seconds after which both sides give up who says half a word, each in its own way. */
    private static final Duration PATIENCE = Duration.ofSeconds(12);

    private static final Duration QUIET = Duration.ofMillis(1300);

    private final Socket socket;
    private final HttpReader reader;

    private Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
        reader = new HttpReader(socket.getInputStream());
    }

    static Client plain(int port) throws IOException {
        return new Client(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** @param protocols such as {@code TLSv1.2}; none for those of the context */
    static Client secure(int port, SSLContext context, String... protocols) throws IOException {
        var socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        return new Client(socket);
    }

    /**
     * @param name whom it asks for, or empty
     * @param offered protocols, by ALPN
     */
    static Client asking(int port, SSLContext context, String name, String... offered) throws IOException {
        return tuned(port, context, parameters -> {
            if (!name.isEmpty()) {
                parameters.setServerNames(List.of(new SNIHostName(name)));
            }
            parameters.setApplicationProtocols(offered);
        });
    }

    /** @param groups for the exchange of keys, those that it likes best first */
    static Client agreeing(int port, SSLContext context, String... groups) throws IOException {
        return tuned(port, context, parameters -> parameters.setNamedGroups(groups));
    }

    private static Client tuned(int port, SSLContext context, Consumer<SSLParameters> change) throws IOException {
        var socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        var parameters = socket.getSSLParameters();
        change.accept(parameters);
        socket.setSSLParameters(parameters);
        return new Client(socket);
    }

    /** @param text whose line ends are made those of HTTP */
    void send(String text) throws IOException {
        sendBytes(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    void sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Serial number of the certificate that the sidecar shows. */
    BigInteger peerSerial() throws IOException {
        if (!(socket instanceof SSLSocket secure)) {
            throw new IllegalStateException("a plain connection shows no certificate");
        }
        var leaf = (X509Certificate) secure.getSession().getPeerCertificates()[0];
        return leaf.getSerialNumber();
    }

    /** No more is sent; what comes back can still be read. */
    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** The next answer with all that it says, and what happened if it does not come whole. */
    Answer answer(boolean toHead) {
        var answer = Answer.empty();
        try {
            while (true) {
                var head = reader.head();
                if (head.isEmpty()) {
                    return answer.with("end", "closed without an answer");
                }
                if (!head.get().first().startsWith("HTTP/1.1 1")) {
                    return withBody(withHead(answer, head.get()), head.get(), toHead);
                }
                answer = answer.with("before", withHead(Answer.empty(), head.get()));
            }
        } catch (IOException e) {
            return answer.with("end", words(e));
        }
    }

    /** A head of any status, without looking at what follows it. */
    Answer head() throws IOException {
        return withHead(Answer.empty(), reader.head().orElseThrow(() -> new EOFException("closed without an answer")));
    }

    /** The next answer, its body made comparable. */
    Answer page(boolean toHead, UnaryOperator<String> normal) {
        try {
            var head = reader.head().orElseThrow(() -> new EOFException("closed without an answer"));
            var answer = withHead(Answer.empty(), head);
            if (toHead) {
                return answer;
            }
            var body = head.chunked()
                    ? reader.chunks(new ArrayList<>())
                    : reader.exactly(
                            Integer.parseInt(head.header("content-length").orElse("0")));
            return answer.with("body", Normal.text(normal.apply(body)));
        } catch (IOException e) {
            return Answer.empty().with("end", words(e));
        }
    }

    private static Answer withHead(Answer answer, Head head) {
        var fields = new TreeMap<String, String>();
        head.headers()
                .forEach(header -> fields.merge(
                        header.getKey(), Normal.header(header.getKey(), header.getValue()), (a, b) -> a + " | " + b));
        var all = answer.with("status", head.first());
        for (var field : fields.entrySet()) {
            all = all.with("header." + field.getKey(), field.getValue());
        }
        return all;
    }

    private Answer withBody(Answer answer, Head head, boolean toHead) {
        var trailers = new ArrayList<Map.Entry<String, String>>();
        var status = head.first().split(" ")[1];
        try {
            var length = head.header("content-length");
            String body;
            if (toHead || status.equals("204") || status.equals("304")) {
                body = "";
            } else if (head.chunked()) {
                body = reader.chunks(trailers);
            } else if (length.isPresent()) {
                body = reader.exactly(Integer.parseInt(length.get()));
            } else {
                body = reader.toTheEnd();
            }
            var all = withText(answer, head, body);
            for (var trailer : trailers) {
                all = all.with("trailer." + trailer.getKey(), trailer.getValue());
            }
            return all;
        } catch (IOException e) {
            return answer.with("end", words(e));
        }
    }

    private static Answer withText(Answer answer, Head head, String body) {
        if (head.header("content-type").equals(Optional.of("application/json"))) {
            return Normal.json(answer, "echo", JsonParser.parseString(body));
        }
        return answer.with("body", body.length() > 2000 ? body.length() + " letters" : Normal.text(body));
    }

    /** Whether the sidecar closes the connection now, or waits for more. */
    String afterwards() {
        try {
            socket.setSoTimeout((int) QUIET.toMillis());
            int more = reader.read();
            return more < 0 ? "closed" : "more bytes come";
        } catch (SocketTimeoutException e) {
            return "open";
        } catch (IOException e) {
            return words(e);
        }
    }

    String readToTheEnd() {
        try {
            return reader.toTheEnd();
        } catch (IOException e) {
            return words(e);
        }
    }

    /** The next frame, of a connection that speaks HTTP/2. */
    Frame frame() throws IOException {
        return Http2Bytes.read(new DataInputStream(socket.getInputStream()));
    }

    String read(int length) {
        try {
            return reader.exactly(length);
        } catch (IOException e) {
            return words(e);
        }
    }

    /** Alerts and resets as the client's system words them. */
    static String words(IOException failure) {
        return switch (failure) {
            case SocketTimeoutException e -> "no answer in time";
            case SSLException e -> String.valueOf(e.getMessage());
            case EOFException e -> String.valueOf(e.getMessage());
            case SocketException e -> "reset";
            default -> String.valueOf(failure.getMessage());
        };
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
