// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.ca.rotation.Authority;
import io.countersign.ca.x509.Certificates.Holder;
import io.countersign.ca.x509.Certificates.Signer;
import io.countersign.spiffe.TrustDomain;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A certificate that signs X509-SVIDs, with its key. It bears the trust domain's own ID and may do nothing but sign
 * certificates and revocation lists (X509-SVID sections 3 and 4).
 *
 * @param chain what stands behind each certificate that it signs: itself and those above it but the root; nothing if it is
 *     a root itself
 */
public record X509Authority(X509Certificate certificate, List<X509Certificate> chain, PrivateKey key)
        implements Authority {
    public X509Authority {
        chain = List.copyOf(chain);
    }

    /** One that vouches for itself, valid from now for {@code ttl}. */
    public static X509Authority selfSigned(
            TrustDomain trustDomain, CaSubject subject, KeyPair keys, Instant now, Duration ttl) {
        var serial = Certificates.serialNumber();
        var name = subject.withSerialNumber(serial);
        var key = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
        var certificate = Certificates.sign(
                Signer.of(name, keys.getPublic(), keys.getPrivate()),
                new Holder(serial, name, key, now.minus(Certificates.BACKDATED), now.plus(ttl)),
                CaProfile.extensions(trustDomain, key, Optional.empty()));
        return new X509Authority(certificate, List.of(), keys.getPrivate());
    }

    /** The subject key id in lower-case hexadecimal, by which SPIRE's API names an authority. */
    @Override
    public String authorityId() {
        return KeyIds.subject(certificate);
    }

    @Override
    public Instant notBefore() {
        return certificate.getNotBefore().toInstant();
    }

    @Override
    public Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }

    /** Whether its chain ends at one of these. */
    public boolean isBelow(List<X509Certificate> roots) {
        return !chain.isEmpty() && roots.stream().anyMatch(root -> isSignedBy(chain.getLast(), root));
    }

    private static boolean isSignedBy(X509Certificate certificate, X509Certificate root) {
        try {
            certificate.verify(root.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    Signer signer() {
        return Signer.of(
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                certificate.getPublicKey(),
                key);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "X509Authority[id=%s, notAfter=%s]".formatted(authorityId(), notAfter());
    }
}
