// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A server that shakes hands with whoever comes, or asks for a certificate that nobody has, and shows what it is told to. */
public final class TlsServer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final boolean postgresql;
    private final boolean certificates;
    private volatile X509Svid shown;

    private TlsServer(X509Svid shown, boolean postgresql, boolean certificates) throws IOException {
        this.shown = shown;
        this.postgresql = postgresql;
        this.certificates = certificates;
    }

    /** @param postgresql whether it is asked for TLS in PostgreSQL's way first */
    public static TlsServer start(X509Svid shown, boolean postgresql) throws IOException {
        return new TlsServer(shown, postgresql, false).start();
    }

    public static TlsServer startForClientsWithCertificates(X509Svid shown) throws IOException {
        return new TlsServer(shown, false, true).start();
    }

    private TlsServer start() {
        Thread.ofVirtual().start(this::accept);
        return this;
    }

    /** A new identity. */
    public static X509Svid svid() {
        var id = SpiffeId.parse("spiffe://example.org/server");
        var keys = KeyType.EC_P256.generate();
        var leaf = new X509Issuer(TestAgent.authority(id.trustDomain(), Duration.ofDays(1)))
                .issue(SvidTemplate.of(id, keys.getPublic(), Duration.ofHours(1)), Instant.now());
        return new X509Svid(id, List.of(leaf), keys.getPrivate(), "");
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From the next connection on. */
    public void show(X509Svid svid) {
        shown = svid;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                Thread.ofVirtual().start(() -> shake(socket));
            } catch (IOException e) {
                // closed
                return;
            }
        }
    }

    private void shake(Socket accepted) {
        try (var socket = accepted) {
            if (postgresql) {
                var request = socket.getInputStream().readNBytes(8);
                boolean asks =
                        request[4] == 0x04 && request[5] == (byte) 0xd2 && request[6] == 0x16 && request[7] == 0x2f;
                socket.getOutputStream().write(asks ? 'S' : 'E');
            }
            var tls = (SSLSocket) context().getSocketFactory().createSocket(socket, null, true);
            tls.setUseClientMode(false);
            tls.setNeedClientAuth(certificates);
            tls.startHandshake();
            // until the client goes
            int _ = tls.getInputStream().read();
        } catch (IOException | GeneralSecurityException e) {
            // a client that has seen enough
            return;
        }
    }

    private SSLContext context() throws GeneralSecurityException, IOException {
        var svid = shown;
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", svid.privateKey(), new char[0], svid.chain().toArray(X509Certificate[]::new));
        store.setCertificateEntry("trusted", svid.leaf());
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
