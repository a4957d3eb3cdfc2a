// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import io.countersign.workloadapi.tls.SvidKeyManager;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/** Sockets for one handshake: a context of its own each time, because JSSE resumes sessions out of an older one. */
final class ClientTls {
    private ClientTls() {}

    /** @param shown the certificate to present, at most one; without any, none is sent */
    static SSLSocketFactory sockets(List<X509Svid> shown, BundleSource bundles, ServerIdentity server) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    shown.stream().map(svid -> new SvidKeyManager(() -> svid)).toArray(KeyManager[]::new),
                    new TrustManager[] {new SpiffeTrustManager(bundles, server)},
                    null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS: " + e.getMessage(), e);
        }
    }
}
