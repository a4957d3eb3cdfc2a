// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.rotation.Slot;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.X509Authority;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.x509.Der;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/** Authorities that sign certificates and vouch for themselves. */
record X509Craft(TrustDomain trustDomain, CaSubject subject, KeyType keyType, Duration ttl)
        implements Craft<X509Authority> {
    @Override
    public Kind kind() {
        return Kind.X509;
    }

    @Override
    public String keyId(Slot slot) {
        return "x509-CA-" + slot;
    }

    @Override
    public X509Authority make(KeyPair keys, Instant now) {
        return X509Authority.selfSigned(trustDomain, subject, keys, now, ttl);
    }

    @Override
    public X509Authority restore(AuthorityRecord record, KeyPair keys) {
        var certificate = Der.parseCertificates(Base64.getDecoder().decode(record.material()))
                .getFirst();
        if (!certificate.getPublicKey().equals(keys.getPublic())) {
            throw new IllegalArgumentException("the key is not that of authority " + record.authorityId());
        }
        return new X509Authority(certificate, keys.getPrivate());
    }

    @Override
    public byte[] material(X509Authority authority) {
        try {
            return authority.certificate().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was just made cannot be encoded", e);
        }
    }
}
