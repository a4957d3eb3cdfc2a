// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class X509IssuerTest {
    private static final TrustDomain DOMAIN = new TrustDomain("example.org");
    private static final SpiffeId ID = SpiffeId.parse("spiffe://example.org/ns/demo/sa/backend");
    private static final Duration DAY = Duration.ofDays(1);

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final X509Authority authority = authority(KeyType.EC_P256);

    private X509Authority authority(KeyType type) {
        return X509Authority.selfSigned(DOMAIN, CaSubject.STANDARD, type.generate(), now, DAY);
    }

    private X509Certificate issue(Duration ttl, String... dnsNames) {
        var template =
                new SvidTemplate(ID, KeyType.EC_P256.generate().getPublic(), ttl, List.of(dnsNames), Optional.empty());
        return new X509Issuer(authority).issue(template, now);
    }

    @ParameterizedTest
    @EnumSource(KeyType.class)
    void whatAnyTypeOfKeySignsIsAnSvidOfTheTrustDomain(KeyType type) {
        var own = authority(type);
        var leaf = new X509Issuer(own)
                .issue(SvidTemplate.of(ID, KeyType.EC_P256.generate().getPublic(), Duration.ofHours(1)), now);

        var bundle = TrustBundle.ofX509(DOMAIN, List.of(own.certificate()));

        assertEquals(ID, X509SvidValidator.verify(List.of(leaf), bundle, now));
    }

    @Test
    void anotherAuthorityOfTheSameNameDoesNotVouchForIt() {
        var bundle =
                TrustBundle.ofX509(DOMAIN, List.of(authority(KeyType.EC_P256).certificate()));
        var leaf = issue(Duration.ofHours(1));

        assertThrows(X509SvidException.class, () -> X509SvidValidator.verify(List.of(leaf), bundle, now));
    }

    @Test
    void theProfileIsSpires() throws Exception {
        var leaf = issue(Duration.ofHours(1), "backend.demo", "backend");

        assertEquals(new X500Principal("CN=backend.demo, O=SPIRE, C=US"), leaf.getSubjectX500Principal());
        // digitalSignature, keyEncipherment and keyAgreement, of RFC 5280's nine
        assertArrayEquals(
                new boolean[] {true, false, true, false, true, false, false, false, false}, leaf.getKeyUsage());
        assertEquals(List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"), leaf.getExtendedKeyUsage());
        assertEquals(-1, leaf.getBasicConstraints());
        assertTrue(leaf.getCriticalExtensionOIDs().containsAll(List.of("2.5.29.15", "2.5.29.19")));
        assertFalse(leaf.getCriticalExtensionOIDs().contains("2.5.29.17"));
        assertEquals(
                List.of(List.of(2, "backend.demo"), List.of(2, "backend"), List.of(6, ID.toString())),
                List.copyOf(leaf.getSubjectAlternativeNames()));
        assertTrue(leaf.getSerialNumber().signum() > 0);
        assertEquals(now.minusSeconds(10), leaf.getNotBefore().toInstant());
        assertEquals(now.plus(Duration.ofHours(1)), leaf.getNotAfter().toInstant());
    }

    @Test
    void aSubjectIsPutInSpiresOrderAndADnsNameIsItsCommonName() {
        var asked = new X500Principal("EMAILADDRESS=a@b.test, C=DE, O=Own, CN=own");
        var key = KeyType.EC_P256.generate().getPublic();
        var life = Duration.ofHours(1);

        var plain = new SvidTemplate(ID, key, life, List.of(), Optional.of(asked));
        var named = new SvidTemplate(ID, key, life, List.of("backend"), Optional.of(asked));

        var issuer = new X509Issuer(authority);
        assertEquals(
                new X500Principal("CN=own, O=Own, C=DE"),
                issuer.issue(plain, now).getSubjectX500Principal());
        assertEquals(
                new X500Principal("CN=backend, O=Own, C=DE"),
                issuer.issue(named, now).getSubjectX500Principal());
    }

    @Test
    void itNeverOutlivesItsAuthority() {
        assertEquals(
                authority.notAfter(), issue(Duration.ofDays(2)).getNotAfter().toInstant());
    }

    @Test
    void anEndedAuthoritySignsNothing() {
        var template = SvidTemplate.of(ID, KeyType.EC_P256.generate().getPublic(), Duration.ofHours(1));
        var issuer = new X509Issuer(authority);

        var refusal = assertThrows(IllegalArgumentException.class, () -> issuer.issue(template, now.plus(DAY)));

        assertTrue(String.valueOf(refusal.getMessage()).contains(authority.authorityId()), refusal::getMessage);
    }

    @Test
    void anAuthorityMaySignCertificatesAndNothingElse() throws Exception {
        var certificate = authority.certificate();

        // keyCertSign and cRLSign, of RFC 5280's nine
        assertArrayEquals(
                new boolean[] {false, false, false, false, false, true, true, false, false}, certificate.getKeyUsage());
        assertEquals(Integer.MAX_VALUE, certificate.getBasicConstraints());
        assertEquals(
                List.of(List.of(6, "spiffe://example.org")), List.copyOf(certificate.getSubjectAlternativeNames()));
        assertTrue(certificate
                .getSubjectX500Principal()
                .getName(X500Principal.RFC1779)
                .contains(certificate.getSerialNumber().toString()));
    }

    @Test
    void noTwoAuthoritiesShareAName() {
        assertNotEquals(
                authority.certificate().getSubjectX500Principal(),
                authority(KeyType.EC_P256).certificate().getSubjectX500Principal());
    }

    @Test
    void anAuthorityBelowIsNamedAfterTheOneAboveAndItsSvidsLeadToTheRoot() {
        var keys = KeyType.EC_P384.generate();
        var chain = new X509Issuer(authority).issueDownstream(DOMAIN, keys.getPublic(), Duration.ofHours(6), now);
        var below = new X509Authority(chain.getFirst(), chain, keys.getPrivate());
        var deeper = new X509Issuer(below)
                .issueDownstream(DOMAIN, KeyType.EC_P256.generate().getPublic(), DAY, now);

        assertEquals(1, chain.size());
        assertEquals(
                authority
                        .certificate()
                        .getSubjectX500Principal()
                        .getName()
                        .replace("O=SPIFFE", "OU=DOWNSTREAM-1,O=SPIFFE"),
                chain.getFirst().getSubjectX500Principal().getName());
        assertEquals(Integer.MAX_VALUE, chain.getFirst().getBasicConstraints());
        assertEquals(authority.authorityId(), KeyIds.authority(chain.getFirst()));
        assertEquals(below.notAfter(), deeper.getFirst().getNotAfter().toInstant());
        assertTrue(below.isBelow(List.of(authority.certificate())));
        assertFalse(below.isBelow(List.of(authority(KeyType.EC_P256).certificate())));
        var svid = new X509Issuer(below)
                .issueChain(SvidTemplate.of(ID, KeyType.EC_P256.generate().getPublic(), Duration.ofHours(1)), now);
        assertEquals(
                ID, X509SvidValidator.verify(svid, TrustBundle.ofX509(DOMAIN, List.of(authority.certificate())), now));
    }

    @Test
    void anAuthorityThatWasAskedForHasTheNameThatWasAskedFor() throws Exception {
        var keys = KeyType.RSA_2048.generate();
        var subject = new CaSubject(List.of("DE"), List.of("Mine"), "below");
        var request = CaRequest.of(DOMAIN, subject, keys);

        var certificate = new X509Issuer(authority)
                .issueAuthority(request, Duration.ofHours(1), now)
                .getFirst();

        assertTrue(certificate
                .getSubjectX500Principal()
                .getName(X500Principal.RFC1779)
                .endsWith("CN=below, O=Mine, C=DE"));
        assertEquals(keys.getPublic(), certificate.getPublicKey());
        assertEquals(
                List.of(List.of(6, "spiffe://example.org")), List.copyOf(certificate.getSubjectAlternativeNames()));
        var parsed = new JcaPKCS10CertificationRequest(request.der());
        assertTrue(parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(keys.getPublic())));
    }
}
