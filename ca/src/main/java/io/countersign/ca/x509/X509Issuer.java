// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.ca.x509.Certificates.Holder;
import io.countersign.ca.x509.Certificates.Signer;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Signs X509-SVIDs of SPIRE's profile: one URI name, a critical key usage without the signing of certificates, both TLS
 * purposes (X509-SVID sections 2 to 4); and authorities below its own. Thread-safe.
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

    private final X509Authority authority;
    private final Signer signer;
    private final AuthorityKeyIdentifier signerId;

    public X509Issuer(X509Authority authority) {
        this.authority = authority;
        signer = authority.signer();
        signerId = KeyIds.authorityOf(authority.certificate());
    }

    /**
     * The leaf. It begins a moment ago and never outlives the authority.
     *
     * @throws IllegalArgumentException if the authority has ended already
     */
    public X509Certificate issue(SvidTemplate template, Instant now) {
        var key = info(template.key());
        return sign(subject(template), key, template.ttl(), now, extensions(template, key));
    }

    /** As {@link #issue}, with the certificates behind it that lead to a root of the bundle. */
    public List<X509Certificate> issueChain(SvidTemplate template, Instant now) {
        return behind(issue(template, now));
    }

    /**
     * The authority of a server below, and the certificates behind it. It bears this authority's name, with its own depth
     * below the root as the organizational unit, as SPIRE names such authorities.
     *
     * @throws IllegalArgumentException if this authority has ended already
     */
    public List<X509Certificate> issueDownstream(TrustDomain trustDomain, PublicKey key, Duration ttl, Instant now) {
        var unit = "DOWNSTREAM-" + Math.max(1, authority.chain().size());
        var name = Subjects.of(signer.name(), BCStyle.OU, Optional.of(unit));
        return behind(authority(name, trustDomain, key, ttl, now));
    }

    /**
     * The authority that was asked for, with the name that was asked for, and the certificates behind it.
     *
     * @throws IllegalArgumentException if this authority has ended already
     */
    public List<X509Certificate> issueAuthority(CaRequest request, Duration ttl, Instant now) {
        return behind(authority(
                request.subject(), request.trustDomain(), request.keys().getPublic(), ttl, now));
    }

    private X509Certificate authority(
            X500Name name, TrustDomain trustDomain, PublicKey publicKey, Duration ttl, Instant now) {
        var key = info(publicKey);
        return sign(name, key, ttl, now, CaProfile.extensions(trustDomain, key, Optional.of(signerId)));
    }

    private static SubjectPublicKeyInfo info(PublicKey key) {
        return SubjectPublicKeyInfo.getInstance(key.getEncoded());
    }

    private List<X509Certificate> behind(X509Certificate first) {
        return Stream.concat(Stream.of(first), authority.chain().stream()).toList();
    }

    private X509Certificate sign(
            X500Name name, SubjectPublicKeyInfo key, Duration ttl, Instant now, Extensions extensions) {
        if (!authority.notAfter().isAfter(now)) {
            throw new IllegalArgumentException("authority " + authority.authorityId() + " has ended at "
                    + authority.notAfter() + ", expected one that is valid; rotate it");
        }
        var wanted = now.plus(ttl);
        var notAfter = wanted.isBefore(authority.notAfter()) ? wanted : authority.notAfter();
        return Certificates.sign(
                signer,
                new Holder(Certificates.serialNumber(), name, key, now.minus(Certificates.BACKDATED), notAfter),
                extensions);
    }

    /** In SPIRE's order, whatever order was asked for; a DNS name takes the place of the common name. */
    private static X500Name subject(SvidTemplate template) {
        var asked = template.subject()
                .map(subject -> X500Name.getInstance(subject.getEncoded()))
                .orElse(STANDARD);
        return Subjects.of(asked, BCStyle.CN, template.dnsNames().stream().findFirst());
    }

    private Extensions extensions(SvidTemplate template, SubjectPublicKeyInfo key) {
        var extensions = new ExtensionsGenerator();
        try {
            extensions.addExtension(Extension.keyUsage, true, USAGE);
            extensions.addExtension(Extension.extendedKeyUsage, false, PURPOSES);
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            extensions.addExtension(Extension.subjectKeyIdentifier, false, KeyIds.subject(key));
            extensions.addExtension(Extension.authorityKeyIdentifier, false, signerId);
            extensions.addExtension(Extension.subjectAlternativeName, false, names(template));
            return extensions.generate();
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
