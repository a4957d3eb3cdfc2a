// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Believes a certificate's name without any authority: what {@code insecure_bootstrap} asks for. */
final class NamedAuthority extends X509ExtendedTrustManager {
    private final SpiffeId expected;

    NamedAuthority(SpiffeId expected) {
        this.expected = expected;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        try {
            var id = X509SvidValidator.idOf(chain[0]);
            if (!id.equals(expected)) {
                throw new CertificateException("the server is \"" + id + "\"; expected \"" + expected + "\"");
            }
        } catch (X509SvidException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this end is a client and judges no client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
