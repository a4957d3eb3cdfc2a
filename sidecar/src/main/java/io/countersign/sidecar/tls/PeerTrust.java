// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Puts {@link PeerVerifier} where TLS asks: the extended form, so that nothing adds checks of host names. */
final class PeerTrust extends X509ExtendedTrustManager {
    private final PeerVerifier verifier;
    private final String where;
    private final RefusedPeers refused;

    /** @param where the listener or cluster for which peers are judged */
    PeerTrust(PeerVerifier verifier, String where, RefusedPeers refused) {
        this.verifier = verifier;
        this.where = where;
        this.refused = refused;
    }

    private void verify(X509Certificate[] chain) throws CertificateException {
        var certificates = PeerVerifier.list(chain);
        try {
            verifier.verify(certificates);
        } catch (CertificateException e) {
            refused.add(new RefusedPeers.Peer(
                    where,
                    PeerVerifier.names(certificates.getFirst()),
                    verifier.demandedNames(),
                    String.valueOf(e.getMessage())));
            throw e;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        verify(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        verify(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        verify(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        verify(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        verify(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        verify(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return verifier.authorities().toArray(X509Certificate[]::new);
    }
}
