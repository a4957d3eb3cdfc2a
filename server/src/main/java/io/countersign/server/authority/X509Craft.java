// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.rotation.Slot;
import io.countersign.ca.x509.CaRequest;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.server.upstream.UpstreamAuthority;
import io.countersign.server.upstream.UpstreamAuthority.Signed;
import io.countersign.server.wire.Trusted;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Authorities that sign certificates: each vouches for itself, or the one above does. */
record X509Craft(
        TrustDomain trustDomain,
        CaSubject subject,
        KeyType keyType,
        Duration ttl,
        Optional<UpstreamAuthority> upstream,
        SharedBundle bundle)
        implements Craft<X509Authority> {
    private static final Duration TRIAL = Duration.ofMinutes(1);

    @Override
    public Kind kind() {
        return Kind.X509;
    }

    @Override
    public String keyId(Slot slot) {
        return "x509-CA-" + slot;
    }

    @Override
    public X509Authority make(KeyPair keys, Instant now) throws IOException {
        if (upstream.isPresent()) {
            return signedAbove(upstream.get(), keys, now);
        }
        var authority = X509Authority.selfSigned(trustDomain, subject, keys, now, ttl);
        vouch(authority);
        return authority;
    }

    @Override
    public void vouch(X509Authority authority) {
        if (upstream.isEmpty()) {
            bundle.add(List.of(Trusted.root(authority.certificate(), false)));
        }
    }

    private X509Authority signedAbove(UpstreamAuthority above, KeyPair keys, Instant now) throws IOException {
        var signed = above.sign(CaRequest.of(trustDomain, subject, keys), ttl);
        var authority = new X509Authority(signed.chain().getFirst(), signed.chain(), keys.getPrivate());
        requireUse(authority, keys, signed, now);
        bundle.merge(signed.roots());
        return authority;
    }

    /** What it signs must be an SVID by the bundle above, or nobody would accept a certificate of this server. */
    private void requireUse(X509Authority authority, KeyPair keys, Signed signed, Instant now) throws IOException {
        if (!authority.certificate().getPublicKey().equals(keys.getPublic())) {
            throw new IOException("the upstream authority has signed another key, expected the one that it was given");
        }
        var id = SpiffeId.of(trustDomain, "/spire/throwaway");
        try {
            var trial = new X509Issuer(authority)
                    .issueChain(SvidTemplate.of(id, keyType.generate().getPublic(), TRIAL), now);
            var roots = TrustBundle.ofX509(trustDomain, Trusted.certificates(signed.roots()));
            var _ = X509SvidValidator.verify(trial, roots, now);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "the upstream authority's certificate makes no svid that its own bundle verifies: "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public X509Authority restore(AuthorityRecord record, KeyPair keys) {
        var certificates = Der.parseCertificates(Base64.getDecoder().decode(record.material()));
        var own = certificates.getFirst();
        if (!own.getPublicKey().equals(keys.getPublic())) {
            throw new IllegalArgumentException("its key is gone");
        }
        boolean vouchesForItself = own.getIssuerX500Principal().equals(own.getSubjectX500Principal());
        if (vouchesForItself == upstream.isPresent()) {
            throw new IllegalArgumentException(
                    vouchesForItself
                            ? "it vouches for itself, and there is an upstream authority now"
                            : "it needs the upstream authority that was there");
        }
        return new X509Authority(own, vouchesForItself ? List.of() : certificates, keys.getPrivate());
    }

    @Override
    public byte[] material(X509Authority authority) {
        return Der.encodeCertificates(
                authority.chain().isEmpty() ? List.of(authority.certificate()) : authority.chain());
    }
}
