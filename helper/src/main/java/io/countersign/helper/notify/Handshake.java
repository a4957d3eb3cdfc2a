// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** One TLS handshake that looks at the server's certificate and sends nothing. */
record Handshake(Proof server) {
    private static final int MOST_MILLIS = 5000;
    /** PostgreSQL's frontend/backend protocol, message SSLRequest: its length and its code. */
    private static final int SSL_REQUEST_LENGTH = 8;

    private static final int SSL_REQUEST = 80877103;

    /**
     * The certificate that the server shows. It is compared, not trusted: nothing is sent over the connection, so that the
     * trust manager may take every certificate.
     *
     * @throws IOException if there is no server, or it shows none
     */
    X509Certificate leaf() throws IOException {
        var seen = new Seen();
        try (var socket = new Socket()) {
            int patience = (int) Math.min(MOST_MILLIS, server.limit().toMillis());
            socket.connect(new InetSocketAddress(server.host(), server.port()), patience);
            socket.setSoTimeout(patience);
            if (server.protocol() == Proof.Protocol.POSTGRESQL) {
                askForTls(socket);
            }
            try {
                shake(socket, seen);
            } catch (IOException e) {
                // a server that wants a client certificate gives up on us after it has shown its own
                if (seen.leaf.get() == null) {
                    throw e;
                }
            }
        }
        var leaf = seen.leaf.get();
        if (leaf == null) {
            throw new IOException("no certificate was shown");
        }
        return leaf;
    }

    private void shake(Socket socket, Seen seen) throws IOException {
        try {
            // a context of its own, so that no earlier session is resumed without a certificate
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {seen}, new SecureRandom());
            var tls = (SSLSocket) context.getSocketFactory().createSocket(socket, server.host(), server.port(), true);
            if (server.serverName().isPresent()) {
                var parameters = tls.getSSLParameters();
                parameters.setServerNames(
                        List.of(new SNIHostName(server.serverName().get())));
                tls.setSSLParameters(parameters);
            }
            tls.startHandshake();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void askForTls(Socket socket) throws IOException {
        var out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(SSL_REQUEST_LENGTH);
        out.writeInt(SSL_REQUEST);
        out.flush();
        int answer = new DataInputStream(socket.getInputStream()).readUnsignedByte();
        if (answer != 'S') {
            throw new IOException("PostgreSQL does not offer TLS, expected ssl = on");
        }
    }

    /** Takes every certificate and keeps it. */
    private static final class Seen extends X509ExtendedTrustManager {
        private final AtomicReference<X509Certificate> leaf = new AtomicReference<>();

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            leaf.set(chain[0]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            leaf.set(chain[0]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            leaf.set(chain[0]);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new IllegalStateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new IllegalStateException("this is no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
