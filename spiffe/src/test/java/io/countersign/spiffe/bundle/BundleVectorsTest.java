// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.x509.TestCertificates;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SPIFFE Trust Domain and Bundle section 4 on one document a rule. One bad entry never takes the good ones down, and a
 * document that is broken as a whole never counts as one without keys.
 */
class BundleVectorsTest {
    private static final TrustDomain DOMAIN = TrustDomain.parse("example.org");
    private static final TestCertificates MAKE = new TestCertificates();
    private static final KeyPair OTHER = TestCertificates.keys();

    /** What must be left of a document: so many authorities of each kind. */
    record Loaded(String number, String document, int x509, int jwt) {
        @Override
        public String toString() {
            return number;
        }
    }

    record Refused(String number, String document) {
        @Override
        public String toString() {
            return number;
        }
    }

    private static String coordinate(java.math.BigInteger number) {
        var bytes = number.toByteArray();
        var fixed = new byte[32];
        int length = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
    }

    private static String point(KeyPair keys) {
        var point = ((ECPublicKey) keys.getPublic()).getW();
        return "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" + coordinate(point.getAffineX()) + "\",\"y\":\""
                + coordinate(point.getAffineY()) + "\"";
    }

    private static String der() {
        try {
            return Base64.getEncoder().encodeToString(MAKE.root.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String x509(String x5c) {
        return "{\"use\":\"x509-svid\"," + point(MAKE.rootKeys) + x5c + "}";
    }

    private static String x509() {
        return x509(",\"x5c\":[\"" + der() + "\"]");
    }

    private static String jwt(String kid) {
        return "{\"use\":\"jwt-svid\",\"kid\":\"" + kid + "\"," + point(OTHER) + "}";
    }

    private static String entry(String use, String members) {
        return "{\"use\":\"" + use + "\"," + members + "}";
    }

    private static String document(String more, String... entries) {
        return "{\"keys\":[" + String.join(",", entries) + "]" + more + "}";
    }

    private static Loaded beside(String number, String bad) {
        return new Loaded(number, document("", x509(), jwt("one"), bad), 1, 1);
    }

    static Stream<Loaded> loaded() {
        var wit = entry("wit-svid", "\"kid\":\"w\"," + point(OTHER));
        return Stream.of(
                new Loaded("B-01", document("", x509(), jwt("one"), wit), 1, 1),
                new Loaded(
                        "B-04",
                        document(",\"unknown\":{\"a\":[1]}", x509(",\"x5c\":[\"" + der() + "\"],\"odd\":true")),
                        1,
                        0),
                beside("B-08", x509("")),
                beside("B-09", x509(",\"x5c\":[]")),
                new Loaded("B-10", document("", x509(",\"x5c\":[\"" + der() + "\",\"" + der() + "\"]")), 1, 0),
                new Loaded("B-12a", document("", jwt("one")), 0, 1),
                new Loaded("B-12b", document("", x509()), 1, 0),
                beside("B-13", entry("jwt-svid", "\"kid\":\"k\",\"kty\":\"XYZ\"")),
                beside("B-13b", entry("jwt-svid", "\"kid\":\"k\"")),
                beside("B-13c", entry("jwt-svid", "\"kid\":\"k\",\"kty\":\"oct\",\"k\":\"c2VjcmV0\"")),
                beside("B-16", entry("foo-svid", "\"kid\":\"k\"," + point(OTHER))),
                new Loaded("B-17", document("", x509().replace("x509-svid", "X509-SVID")), 0, 0),
                beside("B-17b", x509().replace("\"x509-svid\"", "7")),
                beside("B-18a", entry("jwt-svid", "\"kid\":\"k\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"")),
                beside("B-18b", entry("jwt-svid", "\"kid\":\"k\",\"kty\":\"AKP\",\"pub\":\"AAAA\"")),
                beside("B-18c", jwt("k").replace("P-256", "P-999")),
                beside("B-18d", jwt("k").replaceFirst("\"x\":\"....", "\"x\":\"AAAA")),
                beside("B-18e", jwt("k").replace("P-256", "secp256k1")),
                beside("B-19b", wit.replace("\"w\"", "\"one\"")),
                beside("B-19c", entry("jwt-svid", point(OTHER))),
                beside("B-19d", entry("wit-svid", point(OTHER))),
                beside("B-19e", jwt("")),
                beside(
                        "B-24",
                        x509(",\"x5c\":[\""
                                + der().replace('+', '-').replace('/', '_').replace("=", "") + "-\"]")),
                new Loaded(
                        "B-25",
                        document("", x509(",\"x5c\":[\"" + der().replaceAll("(.{64})", "$1\\\\n") + "\"]")),
                        1,
                        0),
                beside("B-26", x509(",\"x5c\":[\"bm8gY2VydGlmaWNhdGU=\"]")),
                new Loaded(
                        "B-28",
                        document("", entry("jwt-svid", "\"kid\":\"k\"," + point(OTHER) + ",\"d\":\"AAAA\"")),
                        0,
                        1),
                beside("B-29", MAKE.leafAsEntry(point(MAKE.leafKeys))),
                beside("B-30", entry("x509-svid", point(OTHER) + ",\"x5c\":[\"" + der() + "\"]")),
                beside("B-45", "null"),
                beside("B-46", "\"text\""));
    }

    @ParameterizedTest
    @MethodSource
    void loaded(Loaded vector) {
        var bundle = TrustBundle.parse(DOMAIN, vector.document().getBytes(StandardCharsets.UTF_8));
        assertEquals(vector.x509(), bundle.x509Authorities().size());
        assertEquals(vector.jwt(), bundle.jwtAuthorities().size());
    }

    static Stream<Refused> refused() {
        return Stream.of(
                new Refused("B-02", "{}"),
                new Refused("B-02b", "{\"keys\":null}"),
                new Refused("B-02c", "{\"keys\":{}}"),
                new Refused("B-05d", document(",\"spiffe_sequence\":\"1\"", x509())),
                new Refused("B-05e", document(",\"spiffe_sequence\":-1", x509())),
                new Refused("B-05f", document(",\"spiffe_sequence\":1.5", x509())),
                new Refused("B-05c", document(",\"spiffe_sequence\":18446744073709551615", x509())),
                new Refused("B-19a", document("", jwt("one"), jwt("one"))),
                new Refused("B-33", "{\"keys\":[],\"keys\":[" + x509() + "]}"),
                new Refused("B-34", document("", "{\"use\":\"foo\"," + x509().substring(1))),
                new Refused("B-36", "\uFEFF" + document("", x509())),
                new Refused("B-37", "[]"),
                new Refused("B-38", ""),
                new Refused("B-40", document("", x509()).replace("\"keys\"", "\"Keys\"")),
                new Refused("B-42", "{\"trust_domains\":{\"example.org\":" + document("", x509()) + "}}"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(Refused vector) {
        var bytes = vector.document().getBytes(StandardCharsets.UTF_8);
        assertThrows(InvalidBundleException.class, () -> TrustBundle.parse(DOMAIN, bytes));
    }

    private static TrustBundle with(String member) {
        return TrustBundle.parse(DOMAIN, document("," + member, x509()).getBytes(StandardCharsets.UTF_8));
    }

    /** B-05a, B-05b, B-05g. */
    @Test
    void sequenceNumbersAreWholeAndNeverRounded() {
        assertEquals(
                9007199254740993L, with("\"spiffe_sequence\":9007199254740993").sequenceNumber());
        assertEquals(
                Long.MAX_VALUE, with("\"spiffe_sequence\":9223372036854775807").sequenceNumber());
        assertEquals(0, with("\"other\":1").sequenceNumber());
    }

    /** B-06a to B-06e. */
    @Test
    void refreshHintsAreClampedAndNeverDangerous() {
        assertEquals(Optional.empty(), with("\"spiffe_refresh_hint\":\"60\"").refreshHint());
        assertEquals(Optional.empty(), with("\"spiffe_refresh_hint\":1.5").refreshHint());
        assertEquals(
                Optional.of(Duration.ZERO), with("\"spiffe_refresh_hint\":-1").refreshHint());
        assertEquals(
                Optional.of(Duration.ZERO), with("\"spiffe_refresh_hint\":0").refreshHint());
        assertEquals(
                Optional.of(Duration.ofDays(365)),
                with("\"spiffe_refresh_hint\":4611686018427387904").refreshHint());
        assertEquals(
                Optional.of(Duration.ofMinutes(5)),
                with("\"spiffe_refresh_hint\":300").refreshHint());
    }

    /** B-53: what is written is read again as it was, without a private member. */
    @Test
    void whatIsWrittenIsReadAgain() {
        var bundle = TrustBundle.parse(
                DOMAIN, document(",\"spiffe_sequence\":7", x509(), jwt("one")).getBytes(StandardCharsets.UTF_8));
        assertEquals(bundle, TrustBundle.parse(DOMAIN, bundle.toJson().getBytes(StandardCharsets.UTF_8)));
        assertEquals(-1, bundle.toJson().indexOf("\"d\""));
    }

    /** D3: the Workload API's key set needs no use, and another use still counts. */
    @Test
    void theWorkloadApisKeySetNeedsNoUse() {
        var without = document("", jwt("one").replace("\"use\":\"jwt-svid\",", ""), x509());
        var bundle = TrustBundle.parseJwks(DOMAIN, without.getBytes(StandardCharsets.UTF_8));
        assertEquals(1, bundle.jwtAuthorities().size());
    }
}
