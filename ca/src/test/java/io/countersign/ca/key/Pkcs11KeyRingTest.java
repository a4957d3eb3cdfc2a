// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.countersign.ca.jwt.JwtIssuer;
import io.countersign.ca.jwt.JwtKey;
import io.countersign.ca.jwt.TokenTemplate;
import io.countersign.ca.key.Pkcs11Settings.Pin;
import io.countersign.ca.key.Pkcs11Settings.Token;
import io.countersign.ca.x509.CaRequest;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.Security;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With tokens of SoftHSM 2, the real module that everybody can have. */
@Tag("foreign")
class Pkcs11KeyRingTest {
    private static final TrustDomain DOMAIN = new TrustDomain("example.org");
    private static final SpiffeId ID = SpiffeId.of(DOMAIN, "/workload");
    private final Instant now = Instant.now();
    private static final TokenTemplate TOKEN =
            new TokenTemplate(ID, List.of("orders"), Duration.ofMinutes(5), Optional.empty(), false);

    @TempDir
    private static Path folder;

    /** One for all, as a module in use does not see a new one. */
    private static SoftToken token;

    private final String owner = "o" + UUID.randomUUID();

    @BeforeAll
    static void create() throws Exception {
        token = SoftToken.create(folder);
    }

    @ParameterizedTest
    @EnumSource(KeyType.class)
    void whatAKeyOfATokenSignsIsGood(KeyType type) throws Exception {
        try (var ring = Pkcs11KeyRing.open(token.settings(owner))) {
            var keys = ring.generate("x509-CA-A", type);
            assertNull(keys.getPrivate().getEncoded(), "the key can be read out");
            assertTrue(Signing.isPair(keys.getPublic(), keys.getPrivate()));

            var authority = X509Authority.selfSigned(DOMAIN, CaSubject.STANDARD, keys, now, Duration.ofHours(1));
            authority.certificate().verify(keys.getPublic());
            var workload = KeyType.EC_P256.generate();
            var svid = new X509Issuer(authority)
                    .issueChain(SvidTemplate.of(ID, workload.getPublic(), Duration.ofMinutes(5)), now);
            svid.getFirst().verify(keys.getPublic());

            var request = new PKCS10CertificationRequest(
                    CaRequest.of(DOMAIN, CaSubject.STANDARD, keys).der());
            assertTrue(request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(keys.getPublic())));

            var jwt = SignedJWT.parse(new JwtIssuer(JwtKey.of(keys, now, Duration.ofHours(1))).issue(TOKEN, now));
            assertTrue(jwt.verify(
                    switch (keys.getPublic()) {
                        case ECPublicKey ec -> new ECDSAVerifier(ec);
                        case RSAPublicKey rsa -> new RSASSAVerifier(rsa);
                        default ->
                            throw new IllegalStateException(keys.getPublic().getAlgorithm());
                    }));
        }
    }

    @Test
    void aKeyIsThereAfterARestart() throws IOException {
        var made = generate(owner, "x509-CA-A");

        try (var ring = Pkcs11KeyRing.open(token.settings(owner))) {
            var found = ring.find("x509-CA-A").orElseThrow();
            assertEquals(made, found.getPublic());
            assertTrue(Signing.isPair(made, found.getPrivate()));
        }
    }

    @Test
    void aNewKeyTakesThePlaceOfTheOlderAndLeavesTheOthers() throws Exception {
        try (var ring = Pkcs11KeyRing.open(token.settings(owner))) {
            var other = ring.generate("x509-CA-B", KeyType.EC_P256);
            var first = ring.generate("x509-CA-A", KeyType.EC_P256);
            var second = ring.generate("x509-CA-A", KeyType.EC_P384);

            assertNotEquals(first.getPublic(), second.getPublic());
            assertEquals(
                    second.getPublic(), ring.find("x509-CA-A").orElseThrow().getPublic());
            assertEquals(other.getPublic(), ring.find("x509-CA-B").orElseThrow().getPublic());
            assertEquals(Set.of(owner + "/x509-CA-A/2", owner + "/x509-CA-B/1"), labels());
        }
    }

    @Test
    void serversThatShareATokenDoNotSeeEachOthersKeys() throws IOException {
        var one = generate(owner, "JWT-Signer-A");
        var two = generate(owner + "2", "JWT-Signer-A");

        try (var ring = Pkcs11KeyRing.open(token.settings(owner));
                var beside = Pkcs11KeyRing.open(token.settings(owner + "2"));
                var third = Pkcs11KeyRing.open(token.settings(owner.substring(1)))) {
            assertEquals(one, ring.find("JWT-Signer-A").orElseThrow().getPublic());
            assertEquals(two, beside.find("JWT-Signer-A").orElseThrow().getPublic());
            assertTrue(third.find("JWT-Signer-A").isEmpty());
        }
    }

    @Test
    void whatIsClosedLeavesNothingInTheProcess() throws IOException {
        var before = Arrays.asList(Security.getProviders());

        var _ = generate(owner, "x509-CA-A");

        assertEquals(before, Arrays.asList(Security.getProviders()));
    }

    @Test
    void aWrongPinIsRefusedAndNotShown() throws IOException {
        var file = Files.writeString(folder.resolve("wrong-pin"), "not-the-pin");
        var wrong = new Pkcs11Settings(token.module(), new Token.Labelled(token.label()), new Pin.InFile(file), owner);

        var failure = assertThrows(IOException.class, () -> Pkcs11KeyRing.open(wrong));

        assertTrue(String.valueOf(failure.getMessage()).contains("CKR_PIN_INCORRECT"), failure::getMessage);
        assertFalse(String.valueOf(failure.getMessage()).contains("not-the-pin"), failure::getMessage);
    }

    @Test
    void aPinMayComeFromTheEnvironment() {
        var absent = new Pkcs11Settings(
                token.module(), new Token.Labelled(token.label()), new Pin.InEnvironment("NO_SUCH_PIN"), owner);

        var failure = assertThrows(IOException.class, () -> Pkcs11KeyRing.open(absent));

        assertTrue(String.valueOf(failure.getMessage()).contains("NO_SUCH_PIN"), failure::getMessage);
    }

    @Test
    void aTokenThatIsNotThereIsNamed() {
        var other = new Pkcs11Settings(
                token.module(), new Token.Labelled("elsewhere"), new Pin.InFile(token.pinFile()), owner);

        var failure = assertThrows(IOException.class, () -> Pkcs11KeyRing.open(other));

        assertTrue(String.valueOf(failure.getMessage()).contains("\"elsewhere\""), failure::getMessage);
        assertTrue(String.valueOf(failure.getMessage()).contains(token.label()), failure::getMessage);
    }

    @Test
    void whatIsNoModuleIsNamed() throws IOException {
        var file = Files.writeString(folder.resolve("module.so"), "no library");
        var other = new Pkcs11Settings(file, new Token.InSlot(0), new Pin.InFile(token.pinFile()), owner);

        var failure = assertThrows(IOException.class, () -> Pkcs11KeyRing.open(other));

        assertTrue(String.valueOf(failure.getMessage()).contains(file.toString()), failure::getMessage);
    }

    /** Of what is in the token of the ring that is open. */
    private Set<String> labels() throws Exception {
        var store = KeyStore.getInstance("PKCS11", Security.getProviders()[Security.getProviders().length - 1]);
        store.load(null, null);
        return Collections.list(store.aliases()).stream()
                .filter(label -> label.startsWith(owner + "/"))
                .collect(Collectors.toSet());
    }

    private PublicKey generate(String owner, String id) throws IOException {
        try (var ring = Pkcs11KeyRing.open(token.settings(owner))) {
            return ring.generate(id, KeyType.EC_P256).getPublic();
        }
    }
}
