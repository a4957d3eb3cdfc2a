// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.ca.rotation.Authority;
import io.countersign.ca.x509.Certificates.Holder;
import io.countersign.ca.x509.Certificates.Signer;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * A certificate that signs X509-SVIDs, with its key. It bears the trust domain's own ID and may do nothing but sign
 * certificates and revocation lists (X509-SVID sections 3 and 4).
 */
public record X509Authority(X509Certificate certificate, PrivateKey key) implements Authority {

    /** One that vouches for itself, valid from now for {@code ttl}. */
    public static X509Authority selfSigned(
            TrustDomain trustDomain, CaSubject subject, KeyPair keys, Instant now, Duration ttl) {
        var serial = Certificates.serialNumber();
        var name = subject.withSerialNumber(serial);
        var extensions = new ExtensionsGenerator();
        try {
            extensions.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    Certificates.keyIds().createSubjectKeyIdentifier(keys.getPublic()));
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            extensions.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, trustDomain.idString())));
        } catch (IOException e) {
            throw new IllegalStateException("the extensions of an authority cannot be encoded", e);
        }
        var certificate = Certificates.sign(
                new Signer(name, keys.getPublic(), keys.getPrivate()),
                new Holder(serial, name, keys.getPublic(), now.minus(Certificates.BACKDATED), now.plus(ttl)),
                extensions);
        return new X509Authority(certificate, keys.getPrivate());
    }

    /** The subject key id in lower-case hexadecimal, by which SPIRE's API names an authority. */
    @Override
    public String authorityId() {
        return HexFormat.of()
                .formatHex(Certificates.keyIds()
                        .createSubjectKeyIdentifier(certificate.getPublicKey())
                        .getKeyIdentifier());
    }

    @Override
    public Instant notBefore() {
        return certificate.getNotBefore().toInstant();
    }

    @Override
    public Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "X509Authority[id=%s, notAfter=%s]".formatted(authorityId(), notAfter());
    }
}
