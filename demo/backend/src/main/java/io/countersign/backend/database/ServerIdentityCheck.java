// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.security.cert.X509Certificate;
import java.util.Properties;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Compares PostgreSQL's SPIFFE ID; named to the driver as {@code sslhostnameverifier}, which calls it under
 * {@code verify-full} once the chain has been verified. Leaves what it saw in {@link Handshake#CURRENT}; where nobody
 * listens there, it refuses, so that no session goes unrecorded.
 */
public final class ServerIdentityCheck implements HostnameVerifier {
    /** The connection property that names the SPIFFE ID the server must have. */
    public static final String EXPECTED_ID = "countersignServerId";

    private final SpiffeId expected;

    /** Called by the driver with the properties of the connection. */
    public ServerIdentityCheck(Properties connection) {
        this.expected = SpiffeId.parse(connection.getProperty(EXPECTED_ID, ""));
    }

    @Override
    public boolean verify(String host, SSLSession session) {
        if (!Handshake.CURRENT.isBound()) {
            return false;
        }
        var handshake = Handshake.CURRENT.get();
        try {
            var server = (X509Certificate) session.getPeerCertificates()[0];
            var id = X509SvidValidator.idOf(server);
            if (!id.equals(expected)) {
                handshake.refuse("the server is \"%s\", expected \"%s\"".formatted(id, expected));
                return false;
            }
            var sent = session.getLocalCertificates();
            if (sent == null || sent.length == 0) {
                handshake.refuse("the server did not ask for this client's certificate");
                return false;
            }
            handshake.complete(server, (X509Certificate) sent[0], session.getProtocol(), session.getCipherSuite());
            return true;
        } catch (SSLPeerUnverifiedException | X509SvidException e) {
            handshake.refuse("the server's certificate shows no SPIFFE ID: " + e.getMessage());
            return false;
        }
    }
}
