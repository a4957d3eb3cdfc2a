// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import io.countersign.rpc.TlsIdentity;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Source;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Mutual TLS with the newest identity, for peers whose SPIFFE ID is allowed. Another identity or bundle counts from the next
 * handshake on; a connection that is open stays so. Thread-safe.
 *
 * @param own asked once a connection
 * @param allowed decides on a verified ID
 */
public record SpiffeTls(Supplier<X509Svid> own, BundleSource bundles, Predicate<SpiffeId> allowed)
        implements TlsIdentity {

    public static SpiffeTls of(X509Source source, Predicate<SpiffeId> allowed) {
        return new SpiffeTls(source::svid, source, allowed);
    }

    @Override
    public X509ExtendedKeyManager keyManager() {
        return new SvidKeyManager(own);
    }

    @Override
    public X509ExtendedTrustManager trustManager() {
        return new SpiffeTrustManager(bundles, allowed);
    }

    /** For libraries that want a context: each socket and engine it makes uses what is newest then and resumes nothing. */
    public SSLContext sslContext() {
        return FreshSslContext.of(this);
    }
}
