// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.key.Signing;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.KeyPair;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** What a server asks of the authority above it: a certificate with which it signs by itself. */
public final class CaRequest {
    private final TrustDomain trustDomain;
    private final X500Name subject;
    private final KeyPair keys;

    private CaRequest(TrustDomain trustDomain, X500Name subject, KeyPair keys) {
        this.trustDomain = trustDomain;
        this.subject = subject;
        this.keys = keys;
    }

    public static CaRequest of(TrustDomain trustDomain, CaSubject subject, KeyPair keys) {
        return new CaRequest(trustDomain, subject.withSerialNumber(Certificates.serialNumber()), keys);
    }

    TrustDomain trustDomain() {
        return trustDomain;
    }

    X500Name subject() {
        return subject;
    }

    KeyPair keys() {
        return keys;
    }

    /** As PKCS#10 (RFC 2986), signed by the key that it is for. */
    public byte[] der() {
        var algorithm = KeyType.signatureAlgorithm(keys.getPublic());
        var extensions = new ExtensionsGenerator();
        try {
            extensions.addExtension(Extension.subjectAlternativeName, false, CaProfile.names(trustDomain));
            var signer = new JcaContentSignerBuilder(algorithm)
                    .setProvider(Signing.provider(algorithm, keys.getPrivate()))
                    .build(keys.getPrivate());
            return new JcaPKCS10CertificationRequestBuilder(subject, keys.getPublic())
                    .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                    .build(signer)
                    .getEncoded();
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("a key that was just made cannot sign", e);
        } catch (IOException e) {
            throw new UncheckedIOException("a request in memory cannot be encoded", e);
        }
    }
}
