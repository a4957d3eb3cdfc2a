// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;

/**
 * Looks whether a TLS server shows the new certificate: signals, exit codes and even PostgreSQL's {@code pg_reload_conf()}
 * say that a server was told, not that it has taken the files.
 *
 * @param serverName the name sent in the handshake, for a server with several certificates
 * @param limit how long the server has to show it
 */
public record Proof(String host, int port, Protocol protocol, Optional<String> serverName, Duration limit) {
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** What comes before the handshake. */
    public enum Protocol {
        /** Nothing. */
        TLS,
        /** A request for TLS in PostgreSQL's own protocol. */
        POSTGRESQL
    }

    /**
     * Shakes hands until the server shows this certificate.
     *
     * @throws IOException if it does not within the limit, with what it shows instead
     */
    public void await(X509Certificate leaf) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            var seen = "";
            try {
                var shown = new Handshake(this).leaf();
                if (shown.equals(leaf)) {
                    return;
                }
                seen = "shows serial " + hex(shown) + ", expected " + hex(leaf);
            } catch (IOException e) {
                seen = "cannot be asked: " + e;
            }
            if (System.nanoTime() - end >= 0) {
                throw new IOException("%s:%d %s, after %s".formatted(host, port, seen, limit));
            }
            Thread.sleep(PAUSE);
        }
    }

    private static String hex(X509Certificate certificate) {
        BigInteger serial = certificate.getSerialNumber();
        return serial.toString(16);
    }
}
