// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.helper.delivery.X509Files.Rules;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Context;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which certificate stands in which file. */
final class X509FilesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final TrustDomain HOME = new TrustDomain("example.org");
    private static final List<X509File> FILES = List.of(
            new X509File.Bundle(Path.of("bundle"), FileMode.PUBLIC),
            new X509File.Key(Path.of("key"), FileMode.PRIVATE),
            new X509File.Chain(Path.of("svid"), FileMode.PUBLIC));
    private static final TrustDomain ABROAD = new TrustDomain("abroad.org");

    private final X509Authority root = authority(HOME, NOW);
    private final X509Certificate old =
            authority(HOME, NOW.minus(DAY.multipliedBy(2))).certificate();
    private final X509Certificate ended =
            authority(ABROAD, NOW.minus(DAY.multipliedBy(2))).certificate();
    private final X509Certificate intermediate = authority(HOME, NOW).certificate();
    private final X509Certificate foreign = authority(ABROAD, NOW).certificate();
    private final X509Svid svid = svid();

    private static X509Authority authority(TrustDomain domain, Instant from) {
        return X509Authority.selfSigned(domain, CaSubject.STANDARD, KeyType.EC_P256.generate(), from, DAY);
    }

    private X509Svid svid() {
        var id = SpiffeId.parse("spiffe://example.org/web");
        var keys = KeyType.EC_P256.generate();
        var leaf = new X509Issuer(root).issue(SvidTemplate.of(id, keys.getPublic(), Duration.ofHours(1)), NOW);
        return new X509Svid(id, List.of(leaf, intermediate), keys.getPrivate(), "");
    }

    private X509Context context(X509Certificate foreignAuthority) {
        return new X509Context(
                List.of(svid),
                Map.of(
                        HOME, TrustBundle.ofX509(HOME, List.of(root.certificate(), old)),
                        ABROAD, TrustBundle.ofX509(ABROAD, List.of(foreignAuthority))));
    }

    private List<FileContent> contents(Rules rules, Instant at) throws DeliveryException {
        return files(rules, FILES).contents(context(foreign), at);
    }

    private static X509Files files(Rules rules, List<X509File> files) {
        return new X509Files(Choice.FIRST, files, rules, new Layout.Together(Path.of("")), Ownership.AS_BEFORE);
    }

    private static List<X509Certificate> in(String file, List<FileContent> contents) {
        return contents.stream()
                .filter(each -> each.file().equals(Path.of(file)))
                .map(each -> Pem.parseCertificates(each.bytes()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void chainAndOwnAuthoritiesAreWrittenAsTheyCame() throws DeliveryException {
        var contents = contents(new Rules(false, false, false), NOW);

        assertEquals(svid.chain(), in("svid", contents));
        assertEquals(List.of(root.certificate(), old), in("bundle", contents));
    }

    @Test
    void intermediatesMoveToTheBundleInFrontOfForeignAuthorities() throws DeliveryException {
        var contents = contents(new Rules(true, true, false), NOW);

        assertEquals(List.of(svid.leaf()), in("svid", contents));
        assertEquals(List.of(root.certificate(), old, intermediate, foreign), in("bundle", contents));
    }

    @Test
    void whatHasExpiredIsLeftOut() throws DeliveryException {
        assertEquals(List.of(root.certificate()), in("bundle", contents(new Rules(false, false, true), NOW)));
    }

    @Test
    void oneFileForAllKeepsTheIntermediates() throws DeliveryException {
        var all = List.<X509File>of(new X509File.Combined(Path.of("all"), FileMode.PRIVATE));

        var contents = files(new Rules(true, false, false), all).contents(context(foreign), NOW);

        assertEquals(svid.chain(), in("all", contents));
    }

    @Test
    void whatHasExpiredIsLeftOutOfFoldersOfBundles() throws DeliveryException {
        var folder = List.<X509File>of(new X509File.BundleFolder(Path.of("trust"), FileMode.PUBLIC));
        var files = files(new Rules(false, false, true), folder);

        var contents = files.contents(context(foreign), NOW);
        assertEquals(2, contents.size());
        assertEquals(List.of(root.certificate()), in("trust/example.org.pem", contents));
        assertEquals(List.of(foreign), in("trust/abroad.org.pem", contents));

        assertEquals(1, files.contents(context(ended), NOW).size(), "the other's authority has ended");
    }

    @Test
    void whatHasExpiredIsLeftOutOfKeyStores(@TempDir Path folder) throws Exception {
        var password = Files.writeString(folder.resolve("password"), "open sesame");
        var store = List.<X509File>of(new X509File.Pkcs12(Path.of("store"), FileMode.PRIVATE, password, "spiffe"));
        var alone = new X509Svid(svid.id(), List.of(svid.leaf()), svid.privateKey(), "");
        var context = new X509Context(
                List.of(alone), Map.of(HOME, TrustBundle.ofX509(HOME, List.of(old, root.certificate()))));
        var files = files(new Rules(false, false, true), store);

        var opened = KeyStore.getInstance("PKCS12");
        opened.load(
                new ByteArrayInputStream(files.contents(context, NOW).getFirst().bytes()), "open sesame".toCharArray());
        assertEquals(svid.leaf(), opened.getCertificate("spiffe"));
        assertEquals(root.certificate(), opened.getCertificate("authority-1"));
        assertEquals(2, opened.size());

        // the leaf lives for an hour, its authority for a day
        var failure =
                assertThrows(DeliveryException.class, () -> files.contents(context, NOW.plus(Duration.ofHours(2))));
        assertTrue(String.valueOf(failure.getMessage()).contains("a key without its certificate"), failure::toString);
    }

    @Test
    void nothingIsWrittenIfAllHasExpired() {
        var failure = assertThrows(
                DeliveryException.class, () -> contents(new Rules(false, false, true), NOW.plus(DAY.multipliedBy(2))));

        assertTrue(String.valueOf(failure.getMessage()).contains("has expired and omit_expired is set"));
    }

    @Test
    void secretsDoNotShowInWords() throws DeliveryException {
        assertEquals(
                "FileContent[file=key, mode=0600]",
                contents(new Rules(false, false, false), NOW).get(1).toString());
    }
}
