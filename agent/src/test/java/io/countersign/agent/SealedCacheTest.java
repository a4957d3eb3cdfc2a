// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.SvidCache;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.sealed.SealedCache;
import io.countersign.serverapi.types.Selector;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.WorkloadApiClient;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that is started again while its server is away. */
final class SealedCacheTest {
    @TempDir
    private Path folder;

    private FakeServer server;
    private AgentConfig config;
    private SvidCache settings;

    @BeforeEach
    void open() throws Exception {
        server = FakeServer.start();
        server.tokens.add("token");
        var here = TestEndpoint.here();
        server.change(server.entry("a", "/web")
                .clearSelectors()
                .addSelectors(Selector.newBuilder().setType(here.type()).setValue(here.value())));
        settings = new SvidCache(folder.resolve("cache"), key("rw-------"));
        config = TestConfig.withCache(TestConfig.of(folder, server, Optional.of("token")), settings);
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    private Path key(String permissions) throws IOException {
        var file = folder.resolve("key");
        Files.deleteIfExists(file);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.createFile(file, mode);
        Files.writeString(file, Base64.getEncoder().encodeToString(new byte[32]));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private RunningAgent start() {
        return RunningAgent.start(config, folder.resolve("agent.sock"));
    }

    private String serial() {
        try (var client = WorkloadApiClient.connect(folder.resolve("agent.sock").toString(), Duration.ofSeconds(20))) {
            return client.fetchX509Context().defaultSvid().serialNumberHex();
        }
    }

    /** What a whole life of one agent has left. */
    private String lived() throws Exception {
        try (var agent = start()) {
            var serial = serial();
            Eventually.holds("it is kept", () -> cache().isPresent());
            return serial;
        }
    }

    /** The serial number of the certificate in it. */
    private Optional<String> cache() throws IOException {
        return SealedCache.open(settings, TestDomain.HOME)
                .load(Instant.now())
                .flatMap(snapshot -> snapshot.svids().values().stream().findFirst())
                .map(issued -> issued.svid().serialNumberHex());
    }

    @Test
    void itServesAtOnceWhatItHeldAndCatchesUpLater() throws Exception {
        var before = lived();
        server.goAway();

        try (var again = start()) {
            assertEquals(before, serial());
            server.comeBack();
            Eventually.holds("a new certificate", () -> !serial().equals(before));
            Eventually.holds("it is kept", () -> !cache().orElse(before).equals(before));
        }
        assertEquals(1, server.attestations.get());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(settings.path())));
        assertFalse(new String(Files.readAllBytes(settings.path()), StandardCharsets.ISO_8859_1).contains("/web"));
    }

    @Test
    void whatWasChangedOrSealedForOthersIsNotServed() throws Exception {
        lived();
        assertTrue(SealedCache.open(settings, TestDomain.ABROAD)
                .load(Instant.now())
                .isEmpty());
        // the agent that has ended may write its own once more
        settings = new SvidCache(Files.copy(settings.path(), folder.resolve("copy")), settings.keyFile());
        var bytes = Files.readAllBytes(settings.path());
        bytes[bytes.length / 2] ^= 1;
        Files.write(settings.path(), bytes);
        assertTrue(cache().isEmpty());
        Files.write(settings.path(), new byte[5]);
        assertTrue(cache().isEmpty());
    }

    @Test
    void aCertificateThatHasEndedIsNotServed() throws Exception {
        lived();
        var kept = SealedCache.open(settings, TestDomain.HOME)
                .load(Instant.now().plus(Duration.ofHours(2)))
                .orElseThrow();
        assertEquals(1, kept.entries().size());
        assertEquals(0, kept.svids().size());
    }

    @Test
    void theLastChangeIsKeptAndAuthoritiesOfEveryTypeOfKey() throws Exception {
        var own = server.domain.bundle();
        var home = new TrustBundle(
                TestDomain.HOME, own.x509Authorities(), own.jwtAuthorities(), 7, Optional.of(Duration.ofMinutes(5)));
        var abroad = TrustBundle.ofX509(TestDomain.ABROAD, List.of(ed25519Authority()));
        var bundles = Map.of(TestDomain.HOME, home, TestDomain.ABROAD, abroad);
        var snapshots = new Snapshots(TestDomain.HOME);
        var following = SealedCache.open(settings, TestDomain.HOME).follow(snapshots);

        snapshots.update(before -> new Snapshot(before.version(), before.trustDomain(), Map.of(), Map.of(), bundles));
        following.close();

        assertEquals(
                bundles,
                SealedCache.open(settings, TestDomain.HOME)
                        .load(Instant.now())
                        .orElseThrow()
                        .bundles());
    }

    private static X509Certificate ed25519Authority() throws Exception {
        var keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        var now = Instant.now();
        var name = new X500Name("CN=abroad");
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.TWO,
                                Date.from(now.minusSeconds(60)),
                                Date.from(now.plusSeconds(3600)),
                                name,
                                keys.getPublic())
                        .build(new JcaContentSignerBuilder("Ed25519").build(keys.getPrivate())));
    }

    @Test
    void aKeyThatOthersMayReadIsRefused() throws Exception {
        var open = new SvidCache(folder.resolve("cache"), key("rw-r-----"));
        var failure = assertThrows(IOException.class, () -> SealedCache.open(open, TestDomain.HOME));
        assertTrue(String.valueOf(failure.getMessage()).contains("expected mode 0600"), failure::getMessage);

        Files.writeString(key("rw-------"), "short");
        assertTrue(String.valueOf(assertThrows(IOException.class, () -> SealedCache.open(settings, TestDomain.HOME))
                        .getMessage())
                .contains("is no key, expected 32 random bytes in base64"));
    }
}
