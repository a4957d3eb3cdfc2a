// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.util.Optional;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * What certificates that sign others have in common: they bear the trust domain's own ID and may do nothing but sign
 * certificates and revocation lists (X509-SVID sections 3 and 4).
 */
final class CaProfile {
    private CaProfile() {}

    /** @param issuer the key that signs; nothing for one that vouches for itself */
    static Extensions extensions(
            TrustDomain trustDomain, SubjectPublicKeyInfo key, Optional<AuthorityKeyIdentifier> issuer) {
        var extensions = new ExtensionsGenerator();
        try {
            extensions.addExtension(Extension.subjectKeyIdentifier, false, KeyIds.subject(key));
            if (issuer.isPresent()) {
                extensions.addExtension(Extension.authorityKeyIdentifier, false, issuer.get());
            }
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            extensions.addExtension(Extension.subjectAlternativeName, false, names(trustDomain));
            return extensions.generate();
        } catch (IOException e) {
            throw new IllegalStateException("the extensions of an authority cannot be encoded", e);
        }
    }

    static GeneralNames names(TrustDomain trustDomain) {
        return new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, trustDomain.idString()));
    }
}
