// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Judges the certificate chain that a peer presents: X509-SVID section 5. */
public final class X509SvidValidator {
    private X509SvidValidator() {}

    /**
     * Checks a chain against the bundle of the trust domain that its leaf names, and against no other.
     *
     * @param chain leaf first
     * @param bundles asked once, for the leaf's trust domain
     * @param now the time that validity is judged at, without leeway
     * @return the peer's ID
     * @throws X509SvidException if any rule is broken, with the rule in words
     */
    public static SpiffeId verify(List<X509Certificate> chain, BundleSource bundles, Instant now) {
        if (chain.isEmpty()) {
            throw new X509SvidException("the chain is empty; expected the leaf certificate first");
        }
        X509Certificate leaf = chain.getFirst();
        SpiffeId id = LeafRules.check(leaf);
        TrustBundle bundle = bundles.bundle(id.trustDomain())
                .orElseThrow(() -> new X509SvidException(
                        "\"" + id + "\" cannot be verified: no bundle of trust domain \"" + id.trustDomain() + "\""));
        try {
            new ChainPaths(chain.subList(1, chain.size()), bundle.x509Authorities(), now).requirePathFrom(leaf);
        } catch (X509SvidException e) {
            throw new X509SvidException("\"" + id + "\" cannot be verified: " + e.getMessage(), e);
        }
        return id;
    }

    /**
     * The SPIFFE ID of a certificate, unverified.
     *
     * @throws X509SvidException if it has not exactly one URI name, or that is no SPIFFE ID
     */
    public static SpiffeId idOf(X509Certificate certificate) {
        return LeafRules.idOf(certificate);
    }
}
