// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import io.countersign.intruder.attempt.Target;
import io.countersign.spiffe.SpiffeId;
import io.countersign.workloadapi.tls.SpiffeTls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Stands where the backend's sidecar would: a real TLS server that gives one answer to whoever gets as far. */
public final class TestSidecar implements AutoCloseable {
    public static final String RBAC =
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 19\r\nserver: envoy\r\n\r\nRBAC: access denied";
    public static final String ORDERS = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\norders\r\n0\r\n\r\n";
    /** Takes the request and says nothing. */
    public static final String SILENCE = "";

    private final SSLServerSocket server;
    private final String answer;
    private final Set<SSLSocket> open = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** Callers of any identity of the authority's domain, and no others. */
    public static TestSidecar strict(TestAuthority authority, String tlsVersion, String answer) throws IOException {
        return new TestSidecar(authority, true, tlsVersion, answer);
    }

    /** Anybody at all. */
    public static TestSidecar lax(TestAuthority authority, String answer) throws IOException {
        return new TestSidecar(authority, false, "TLSv1.3", answer);
    }

    private TestSidecar(TestAuthority authority, boolean asks, String tlsVersion, String answer) throws IOException {
        this.answer = answer;
        var svid = authority.issue(TestAuthority.BACKEND);
        var tls = new SpiffeTls(() -> svid, authority.bundle(), id -> true);
        server = (SSLServerSocket)
                tls.sslContext().getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(asks);
        server.setEnabledProtocols(new String[] {tlsVersion});
        Thread.ofVirtual().start(this::accept);
    }

    /** This server as one that is expected to have the identity. */
    public Target as(SpiffeId id) {
        return new Target("127.0.0.1", server.getLocalPort(), id);
    }

    public List<String> requests() {
        return requests;
    }

    private void accept() {
        try {
            while (true) {
                var socket = (SSLSocket) server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (SocketException e) {
            // closed: the test is over
            return;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            var first = in.readLine();
            for (var line = first; line != null && !line.isEmpty(); ) {
                line = in.readLine();
            }
            if (first == null) {
                return;
            }
            requests.add(first);
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            if (answer.equals(SILENCE)) {
                requests.add("end: " + in.read());
            }
        } catch (IOException e) {
            // refused in the handshake, which is for the caller to report
            return;
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
