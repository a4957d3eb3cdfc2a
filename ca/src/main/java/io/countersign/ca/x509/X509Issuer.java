// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.ca.x509.Certificates.Holder;
import io.countersign.ca.x509.Certificates.Signer;
import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * Signs X509-SVIDs of SPIRE's profile: one URI name, a critical key usage without the signing of certificates, both TLS
 * purposes (X509-SVID sections 2 to 4). Thread-safe.
 */
public final class X509Issuer {
    private static final KeyUsage USAGE =
            new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyAgreement);
    private static final ExtendedKeyUsage PURPOSES =
            new ExtendedKeyUsage(new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth});

    private static final X500Name STANDARD = new X500NameBuilder(BCStyle.INSTANCE)
            .addRDN(BCStyle.C, "US")
            .addRDN(BCStyle.O, "SPIRE")
            .build();

    /** The attributes that a subject may have. */
    private static final List<ASN1ObjectIdentifier> ORDER = List.of(
            BCStyle.C,
            BCStyle.O,
            BCStyle.OU,
            BCStyle.L,
            BCStyle.ST,
            BCStyle.STREET,
            BCStyle.POSTAL_CODE,
            BCStyle.CN,
            BCStyle.SERIALNUMBER);

    private final X509Authority authority;

    public X509Issuer(X509Authority authority) {
        this.authority = authority;
    }

    /**
     * The leaf. It begins a moment ago and never outlives the authority.
     *
     * @throws IllegalArgumentException if the authority has ended already
     */
    public X509Certificate issue(SvidTemplate template, Instant now) {
        if (!authority.notAfter().isAfter(now)) {
            throw new IllegalArgumentException("authority " + authority.authorityId() + " has ended at "
                    + authority.notAfter() + ", expected one that is valid; rotate it");
        }
        var wanted = now.plus(template.ttl());
        var notAfter = wanted.isBefore(authority.notAfter()) ? wanted : authority.notAfter();
        var issuer = authority.certificate();
        return Certificates.sign(
                new Signer(
                        X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded()),
                        issuer.getPublicKey(),
                        authority.key()),
                new Holder(
                        Certificates.serialNumber(),
                        subject(template),
                        template.key(),
                        now.minus(Certificates.BACKDATED),
                        notAfter),
                extensions(template, issuer.getPublicKey()));
    }

    /** In SPIRE's order, whatever order was asked for; a DNS name takes the place of the common name. */
    private static X500Name subject(SvidTemplate template) {
        var common = template.dnsNames().stream().findFirst();
        var asked = template.subject()
                .map(subject -> X500Name.getInstance(subject.getEncoded()))
                .orElse(STANDARD);
        var name = new X500NameBuilder(BCStyle.INSTANCE);
        for (var attribute : ORDER) {
            if (attribute.equals(BCStyle.CN) && common.isPresent()) {
                name.addRDN(BCStyle.CN, common.get());
            } else {
                Arrays.stream(asked.getRDNs(attribute)).forEach(rdn -> name.addRDN(rdn.getFirst()));
            }
        }
        return name.build();
    }

    private static ExtensionsGenerator extensions(SvidTemplate template, PublicKey issuer) {
        var keyIds = Certificates.keyIds();
        var extensions = new ExtensionsGenerator();
        try {
            extensions.addExtension(Extension.keyUsage, true, USAGE);
            extensions.addExtension(Extension.extendedKeyUsage, false, PURPOSES);
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            extensions.addExtension(
                    Extension.subjectKeyIdentifier, false, keyIds.createSubjectKeyIdentifier(template.key()));
            extensions.addExtension(
                    Extension.authorityKeyIdentifier, false, keyIds.createAuthorityKeyIdentifier(issuer));
            extensions.addExtension(Extension.subjectAlternativeName, false, names(template));
            return extensions;
        } catch (IOException e) {
            throw new IllegalStateException("the extensions for \"" + template.id() + "\" cannot be encoded", e);
        }
    }

    private static GeneralNames names(SvidTemplate template) {
        List<GeneralName> names = new ArrayList<>();
        template.dnsNames().forEach(dns -> names.add(new GeneralName(GeneralName.dNSName, dns)));
        names.add(new GeneralName(
                GeneralName.uniformResourceIdentifier, template.id().toString()));
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }
}
