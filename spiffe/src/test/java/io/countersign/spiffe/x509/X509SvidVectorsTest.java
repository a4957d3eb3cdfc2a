// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import static io.countersign.spiffe.x509.TestCertificates.NOW;
import static io.countersign.spiffe.x509.TestCertificates.authority;
import static io.countersign.spiffe.x509.TestCertificates.keys;
import static io.countersign.spiffe.x509.TestCertificates.leaf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.TestCertificates.Draft;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** X509-SVID sections 2 to 5 on one chain a rule, each judged against bundles of two trust domains. */
class X509SvidVectorsTest {
    private static final TestCertificates MAKE = new TestCertificates();
    private static final String WEB = "spiffe://example.org/web";
    private static final KeyPair OTHER_KEYS = keys();
    private static final X509Certificate OTHER_ROOT =
            authority("CN=other", OTHER_KEYS.getPublic()).sign(OTHER_KEYS.getPrivate(), "CN=other");
    private static final KeyPair MIDDLE = keys();
    private static final int STANDARD = KeyUsage.digitalSignature;

    /** A chain and the bundles it is judged with; refused if no ID is expected. */
    record Vector(String number, List<X509Certificate> chain, BundleSource bundles, String expected) {
        @Override
        public String toString() {
            return number;
        }
    }

    private static BundleSource bundles(X509Certificate... roots) {
        var own = TrustBundle.ofX509(TrustDomain.parse("example.org"), Arrays.asList(roots));
        var other = TrustBundle.ofX509(TrustDomain.parse("other.org"), List.of(OTHER_ROOT));
        return domain -> own.bundle(domain).or(() -> other.bundle(domain));
    }

    private static Vector ok(String number, X509Certificate... chain) {
        return new Vector(number, List.of(chain), bundles(MAKE.root), WEB);
    }

    private static Vector no(String number, X509Certificate... chain) {
        return new Vector(number, List.of(chain), bundles(MAKE.root), "");
    }

    private static Vector ok(String number, Draft draft) {
        return ok(number, MAKE.signed(draft));
    }

    private static Vector no(String number, Draft draft) {
        return no(number, MAKE.signed(draft));
    }

    private static Vector uri(String number, String... uris) {
        return no(number, leaf(MAKE.leafKeys.getPublic(), uris));
    }

    private static Draft middle() {
        return authority("CN=middle", MIDDLE.getPublic());
    }

    private static X509Certificate belowMiddle(Draft draft) {
        return draft.sign(MIDDLE.getPrivate(), "CN=middle");
    }

    private static Vector via(String number, boolean accepted, Draft intermediate) {
        var chain = new X509Certificate[] {belowMiddle(MAKE.leaf()), MAKE.signed(intermediate)};
        return accepted ? ok(number, chain) : no(number, chain);
    }

    static Stream<Vector> leaves() {
        var names = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.uniformResourceIdentifier, WEB),
            new GeneralName(GeneralName.dNSName, "web.local")
        });
        var uri = new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, WEB));
        var both =
                new ExtendedKeyUsage(new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth});
        return Stream.of(
                ok("X-01", MAKE.leaf()),
                ok("X-02", leaf(TestCertificates.rsa(2048).getPublic(), WEB)),
                ok("X-08", MAKE.leaf().with(Extension.subjectAlternativeName, false, names)),
                ok("X-09", MAKE.leaf().subject("").with(Extension.subjectAlternativeName, true, uri)),
                no("X-12", MAKE.leaf().purposes(KeyPurposeId.id_kp_serverAuth)),
                no("X-13", MAKE.leaf().purposes(KeyPurposeId.id_kp_codeSigning)),
                ok("X-14", MAKE.leaf().with(Extension.extendedKeyUsage, true, both)),
                ok("X-16", MAKE.leaf().with(Extension.keyUsage, false, new KeyUsage(STANDARD))),
                ok("X-17", MAKE.leaf().usage(STANDARD | KeyUsage.keyEncipherment | KeyUsage.keyAgreement)),
                no("X-18", MAKE.leaf().usage(KeyUsage.keyEncipherment)),
                no("X-20", MAKE.leaf().usage(STANDARD | KeyUsage.cRLSign)),
                ok("X-21", MAKE.leaf().without(Extension.basicConstraints)),
                no("X-22", MAKE.leaf().with(Extension.basicConstraints, true, new BasicConstraints(true))),
                ok("X-24", MAKE.leaf().with(Extension.basicConstraints, true, new DERSequence(new ASN1Integer(0)))),
                no("X-25", MAKE.leaf().without(Extension.subjectAlternativeName)),
                no("X-46", MAKE.leaf().valid(NOW.minusSeconds(20), NOW.minusSeconds(10))),
                no("X-46b", MAKE.leaf().valid(NOW.plusSeconds(10), NOW.plusSeconds(20))),
                no("X-74", MAKE.leaf().with(new ASN1ObjectIdentifier("1.2.3.4.5"), true, DERNull.INSTANCE)));
    }

    static Stream<Vector> names() {
        var longest = WEB + "/" + "a".repeat(2048 - WEB.length() - 1);
        return Stream.of(
                uri("X-26", WEB, "spiffe://example.org/other"),
                uri("X-28", WEB, WEB),
                uri("X-29", "https://example.org/web"),
                uri("X-30", "spiffe://example.org"),
                uri("X-32", "SPIFFE://example.org/web"),
                uri("X-33", "spiffe://EXAMPLE.org/web"),
                uri("X-34", WEB + "?a=b"),
                uri("X-36", "spiffe://example.org/a/../web"),
                uri("X-37", WEB + "\0"),
                uri("X-38", "spiffe://example.org/a web"),
                uri("X-40", "spiffe://example.org@other.org/web"),
                new Vector(
                        "X-41",
                        List.of(MAKE.signed(leaf(MAKE.leafKeys.getPublic(), longest))),
                        bundles(MAKE.root),
                        longest),
                uri("X-42", longest + "a"),
                uri("X-44", "spiffe://unknown.org/web"),
                // signed by the one domain's authority, named after the other
                uri("X-44b", "spiffe://other.org/web"),
                new Vector(
                        "X-45",
                        List.of(leaf(MAKE.leafKeys.getPublic(), "spiffe://other.org/web")
                                .sign(OTHER_KEYS.getPrivate(), "CN=other")),
                        bundles(MAKE.root),
                        "spiffe://other.org/web"));
    }

    static Stream<Vector> chains() {
        var stranger = keys();
        var twoUris = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example.org"),
            new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example.org/ca")
        });
        return Stream.of(
                via("X-04", true, middle()),
                no("X-05", belowMiddle(MAKE.leaf())),
                ok("X-06", MAKE.signed(MAKE.leaf()), MAKE.root),
                no("X-48", MAKE.leaf().sign(stranger.getPrivate(), "CN=root")),
                no("X-49", MAKE.leaf().sign(MAKE.leafKeys.getPrivate(), "C=US,O=SPIRE")),
                no("X-50", MAKE.root),
                via("X-52", false, middle().usage(KeyUsage.cRLSign)),
                via("X-53", false, middle().without(Extension.keyUsage)),
                via("X-54", false, middle().valid(NOW.minusSeconds(20), NOW.minusSeconds(10))),
                via("X-56", true, middle().uris("spiffe://other.org")),
                via("X-57", true, middle().without(Extension.subjectAlternativeName)),
                via("X-58", true, middle().with(Extension.subjectAlternativeName, false, twoUris)),
                no("X-60", pathTooLong()),
                new Vector("X-72", List.of(MAKE.signed(MAKE.leaf())), bundles(MAKE.signed(MAKE.leaf())), ""),
                new Vector("X-73", List.of(MAKE.signed(MAKE.leaf())), bundles(rootThatIsNone()), ""),
                new Vector("X-76", List.of(MAKE.signed(MAKE.leaf())), bundles(), ""),
                new Vector("X-77", List.of(MAKE.signed(MAKE.leaf())), bundles(OTHER_ROOT, MAKE.root), WEB),
                new Vector(
                        "two roots of one name",
                        List.of(MAKE.signed(MAKE.leaf())),
                        bundles(
                                authority("CN=root", stranger.getPublic()).sign(stranger.getPrivate(), "CN=root"),
                                MAKE.root),
                        WEB),
                no("a weak key", belowWeakMiddle()));
    }

    private static X509Certificate[] pathTooLong() {
        var second = keys();
        return new X509Certificate[] {
            MAKE.leaf().sign(second.getPrivate(), "CN=second"),
            authority("CN=second", second.getPublic()).sign(MIDDLE.getPrivate(), "CN=middle"),
            MAKE.signed(middle().with(Extension.basicConstraints, true, new BasicConstraints(0)))
        };
    }

    private static X509Certificate[] belowWeakMiddle() {
        var weak = TestCertificates.rsa(1024);
        return new X509Certificate[] {
            MAKE.leaf().sign(weak.getPrivate(), "CN=weak"), MAKE.signed(authority("CN=weak", weak.getPublic()))
        };
    }

    private static X509Certificate rootThatIsNone() {
        return authority("CN=root", MAKE.rootKeys.getPublic())
                .with(Extension.basicConstraints, true, new BasicConstraints(false))
                .sign(MAKE.rootKeys.getPrivate(), "CN=root");
    }

    private static NameConstraints constraints(int kind, String permitted, String excluded) {
        return new NameConstraints(subtrees(kind, permitted), subtrees(kind, excluded));
    }

    private static GeneralSubtree[] subtrees(int kind, String name) {
        return name.isEmpty()
                ? new GeneralSubtree[0]
                : new GeneralSubtree[] {new GeneralSubtree(new GeneralName(kind, name))};
    }

    private static Vector constrained(String number, boolean accepted, ASN1Encodable constraints, String id) {
        var chain = List.of(
                belowMiddle(leaf(MAKE.leafKeys.getPublic(), id)),
                MAKE.signed(middle().with(Extension.nameConstraints, true, constraints)));
        var everyDomain = (BundleSource)
                domain -> TrustBundle.ofX509(domain, List.of(MAKE.root)).bundle(domain);
        return new Vector(number, chain, everyDomain, accepted ? id : "");
    }

    static Stream<Vector> constraints() {
        int uri = GeneralName.uniformResourceIdentifier;
        var onRoot = authority("CN=root", MAKE.rootKeys.getPublic())
                .with(Extension.nameConstraints, true, constraints(uri, "other.org", ""))
                .sign(MAKE.rootKeys.getPrivate(), "CN=root");
        return Stream.of(
                constrained("X-61", true, constraints(uri, "example.org", ""), WEB),
                constrained("X-62", false, constraints(uri, "example.org", ""), "spiffe://other.org/web"),
                constrained("X-64", false, constraints(uri, "example.org", ""), "spiffe://my_td/web"),
                constrained("X-65", false, constraints(uri, "", "example.org"), WEB),
                constrained("X-66", false, constraints(uri, "other.org", ""), WEB),
                constrained("X-69", true, constraints(GeneralName.dNSName, "example.org", ""), WEB),
                new Vector("X-70", List.of(MAKE.signed(MAKE.leaf())), bundles(onRoot), ""));
    }

    /** the JDK reads neither. */
    @Test
    void whatCannotBeReadIsRefused() throws IOException {
        var names = new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, WEB));
        var unnamed = MAKE.leaf().subject("").with(Extension.subjectAlternativeName, false, names);
        var constraint = constraints(GeneralName.uniformResourceIdentifier, "spiffe://example.org", "");
        var constrained = middle().with(Extension.nameConstraints, true, constraint);
        for (var draft : List.of(unnamed, constrained)) {
            var der = draft.encoded(MAKE.rootKeys.getPrivate(), "CN=root");
            assertThrows(IllegalArgumentException.class, () -> Der.parseCertificates(der));
        }
    }

    @Test
    void pairThatWasMadeHereIsTheLeafs() {
        var id = SpiffeId.parse(WEB);
        var chain = List.of(MAKE.signed(MAKE.leaf()));

        var svid = X509Svid.ofPair(id, chain, MAKE.leafKeys);
        assertEquals(svid, new X509Svid(id, chain, MAKE.leafKeys.getPrivate(), ""));
        assertThrows(X509SvidException.class, () -> X509Svid.ofPair(id, chain, MAKE.rootKeys));
        assertThrows(
                X509SvidException.class, () -> X509Svid.ofPair(SpiffeId.parse(WEB + "/other"), chain, MAKE.leafKeys));
    }

    /** Each of them may have issued each other one, and any the leaf: all orders of them would be paths. */
    @Test
    void chainOfManyOrdersIsRefusedSoon() {
        var chain = new ArrayList<X509Certificate>();
        var signer = keys();
        chain.add(MAKE.leaf().sign(signer.getPrivate(), "CN=same"));
        for (int i = 0; i < 12; i++) {
            chain.add(authority("CN=same", signer.getPublic()).sign(signer.getPrivate(), "CN=same"));
            signer = keys();
        }

        var refusal = assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThrows(
                        X509SvidException.class, () -> X509SvidValidator.verify(chain, bundles(MAKE.root), NOW)));

        var words = String.valueOf(refusal.getMessage());
        assertTrue(words.endsWith("the chain allows too many paths"), words);
    }

    private static void judge(Vector vector) {
        if (vector.expected().isEmpty()) {
            assertThrows(
                    X509SvidException.class, () -> X509SvidValidator.verify(vector.chain(), vector.bundles(), NOW));
        } else {
            assertEquals(
                    SpiffeId.parse(vector.expected()), X509SvidValidator.verify(vector.chain(), vector.bundles(), NOW));
        }
    }

    @ParameterizedTest
    @MethodSource
    void leaves(Vector vector) {
        judge(vector);
    }

    @ParameterizedTest
    @MethodSource
    void names(Vector vector) {
        judge(vector);
    }

    @ParameterizedTest
    @MethodSource
    void chains(Vector vector) {
        judge(vector);
    }

    @ParameterizedTest
    @MethodSource
    void constraints(Vector vector) {
        judge(vector);
    }
}
