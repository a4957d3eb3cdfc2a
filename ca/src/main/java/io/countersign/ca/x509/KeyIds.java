// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/** The ids by which certificates name keys (RFC 5280 sections 4.2.1.1 and 4.2.1.2), and SPIRE's API names authorities. */
public final class KeyIds {
    private KeyIds() {}

    /** What the certificate calls its own key, in lower-case hexadecimal; empty if it does not say. */
    public static String subject(X509Certificate certificate) {
        var extension = certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId());
        return extension == null
                ? ""
                : hex(SubjectKeyIdentifier.getInstance(content(extension)).getKeyIdentifier());
    }

    /** What the certificate calls the key that has signed it, in lower-case hexadecimal; empty if it does not say. */
    public static String authority(X509Certificate certificate) {
        var extension = certificate.getExtensionValue(Extension.authorityKeyIdentifier.getId());
        if (extension == null) {
            return "";
        }
        var id = AuthorityKeyIdentifier.getInstance(content(extension)).getKeyIdentifierOctets();
        return id == null ? "" : hex(id);
    }

    private static byte[] content(byte[] extension) {
        return ASN1OctetString.getInstance(extension).getOctets();
    }

    private static String hex(byte[] id) {
        return HexFormat.of().formatHex(id);
    }

    /** For a new certificate: the SHA-1 of its key, RFC 5280's first method. */
    static SubjectKeyIdentifier subject(SubjectPublicKeyInfo key) {
        return utilities().createSubjectKeyIdentifier(key);
    }

    /** For what an issuer signs: the id that the issuer has for itself, else the one that its key would get here. */
    static AuthorityKeyIdentifier authorityOf(X509Certificate issuer) {
        var own = subject(issuer);
        return own.isEmpty()
                ? utilities().createAuthorityKeyIdentifier(issuer.getPublicKey())
                : new AuthorityKeyIdentifier(HexFormat.of().parseHex(own));
    }

    private static JcaX509ExtensionUtils utilities() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no SHA-1, which key ids are made with", e);
        }
    }
}
