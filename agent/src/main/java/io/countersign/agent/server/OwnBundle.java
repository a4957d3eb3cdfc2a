// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Set;

/**
 * The bundle of the own trust domain. What is tainted is still trusted, but an operator is about to revoke it, so that
 * nothing that it has signed may be in use for long.
 *
 * @param taintedKeys the ids of JWT authorities
 */
public record OwnBundle(TrustBundle bundle, Set<X509Certificate> tainted, Set<String> taintedKeys) {
    public OwnBundle {
        tainted = Set.copyOf(tainted);
        taintedKeys = Set.copyOf(taintedKeys);
    }

    /** Whether the chain of this SVID ends at a tainted authority. */
    public boolean taints(X509Svid svid) {
        return isIssuedBy(tainted, svid);
    }

    /** Whether the chain of this SVID ends at an authority that is there. */
    public boolean vouchesFor(X509Svid svid) {
        return isIssuedBy(bundle.x509Authorities(), svid);
    }

    private static boolean isIssuedBy(Collection<X509Certificate> authorities, X509Svid svid) {
        var last = svid.chain().getLast();
        return authorities.stream()
                .filter(authority -> authority.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                .anyMatch(authority -> isSignedBy(last, authority));
    }

    private static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            // another authority of the same name has
            return false;
        }
    }
}
