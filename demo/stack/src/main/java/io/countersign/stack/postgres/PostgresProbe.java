// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.postgres;

import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** Looks from outside which certificate PostgreSQL serves, in a TLS handshake that ends before any login. */
public record PostgresProbe(int port, Path certificateFile) {
    private static final int SSL_REQUEST_LENGTH = 8;
    private static final int SSL_REQUEST_CODE = 80877103;
    private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(2).toMillis();

    /** Whether the server serves what the helper has written last. */
    public boolean servesNewest() {
        return served().isPresent() && served().equals(written());
    }

    /** The first certificate of the file. */
    public Optional<X509Certificate> written() {
        try {
            return Optional.of(
                    Pem.parseCertificates(Files.readAllBytes(certificateFile)).getFirst());
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<X509Certificate> served() {
        var seen = new SeenCertificate();
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(SSL_REQUEST_LENGTH)
                            .putInt(SSL_REQUEST_LENGTH)
                            .putInt(SSL_REQUEST_CODE)
                            .array());
            if (socket.getInputStream().read() != 'S') {
                return Optional.empty();
            }
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {seen}, null);
            try (var tls = (SSLSocket) context.getSocketFactory().createSocket(socket, "127.0.0.1", port, true)) {
                tls.startHandshake();
            }
        } catch (SSLException e) {
            // what was served has been seen before the handshake could fail
            return seen.certificate();
        } catch (IOException | GeneralSecurityException e) {
            return Optional.empty();
        }
        return seen.certificate();
    }
}
