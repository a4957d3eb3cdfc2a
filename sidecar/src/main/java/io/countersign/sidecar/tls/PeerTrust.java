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

    PeerTrust(PeerVerifier verifier) {
        this.verifier = verifier;
    }

    private void verify(X509Certificate[] chain) throws CertificateException {
        verifier.verify(PeerVerifier.list(chain));
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
