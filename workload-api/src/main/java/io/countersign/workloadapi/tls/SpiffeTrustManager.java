// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Accepts a peer whose chain leads to the bundle of its own trust domain (X509-SVID, section 5) and whose SPIFFE ID is
 * allowed. Host names play no part.
 */
public final class SpiffeTrustManager extends X509ExtendedTrustManager {
    private final BundleSource bundles;
    private final Predicate<SpiffeId> allowed;
    private final InstantSource clock;

    public SpiffeTrustManager(BundleSource bundles, Predicate<SpiffeId> allowed) {
        this(bundles, allowed, InstantSource.system());
    }

    public SpiffeTrustManager(BundleSource bundles, Predicate<SpiffeId> allowed, InstantSource clock) {
        this.bundles = bundles;
        this.allowed = allowed;
        this.clock = clock;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        SpiffeId id;
        try {
            id = X509SvidValidator.verify(List.of(chain), bundles, clock.instant());
        } catch (X509SvidException e) {
            throw new CertificateException(e.getMessage(), e);
        }
        if (!allowed.test(id)) {
            throw new CertificateException("the peer is " + id + ", which is not allowed here");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    /** None: a list of names would only be a hint to the peer, and it would tell strangers whom we trust. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
