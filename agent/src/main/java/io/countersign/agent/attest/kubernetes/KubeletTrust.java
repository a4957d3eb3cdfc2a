// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.kubernetes;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Believes a kubelet whatever its certificate's name is, because it is asked on this machine's own address, to which no
 * certificate is made out.
 */
final class KubeletTrust extends X509ExtendedTrustManager {
    private final Optional<X509TrustManager> chains;

    private KubeletTrust(Optional<X509TrustManager> chains) {
        this.chains = chains;
    }

    /** Wants a chain that these accept. */
    static KubeletTrust ofChains(X509TrustManager chains) {
        return new KubeletTrust(Optional.of(chains));
    }

    /** Wants nothing, as {@code skip_kubelet_verification} says. */
    static KubeletTrust blind() {
        return new KubeletTrust(Optional.empty());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        if (chains.isPresent()) {
            chains.get().checkServerTrusted(chain, keyType);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, Socket socket) throws CertificateException {
        checkServerTrusted(chain, keyType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, keyType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        throw new CertificateException("no clients are expected here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, Socket socket) throws CertificateException {
        checkClientTrusted(chain, keyType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, keyType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
