// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static io.countersign.agent.workload.Streams.follow;
import static io.countersign.agent.workload.Streams.ids;
import static io.countersign.agent.workload.Streams.next;
import static io.countersign.agent.workload.Streams.stub;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.countersign.agent.TestDomain;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in the messages, byte by byte, and that each is the whole state. */
final class MessageTest {
    @TempDir
    private Path folder;

    private TestEndpoint endpoint;

    @BeforeEach
    void open() throws Exception {
        endpoint = new TestEndpoint(folder, Options.standard());
    }

    @AfterEach
    void close() throws Exception {
        endpoint.close();
    }

    private static ByteString der(List<X509Certificate> certificates) {
        return ByteString.copyFrom(Der.encodeCertificates(certificates));
    }

    /** What the snapshot holds of this trust domain. */
    private ByteString authorities(TrustDomain domain) {
        return der(endpoint.snapshots.current().bundle(domain).orElseThrow().x509Authorities());
    }

    private static List<ByteString> leaves(X509SVIDResponse response) {
        return response.getSvidsList().stream().map(X509SVID::getX509Svid).toList();
    }

    /** With the authority of a successor as well. */
    private static TrustBundle grown(TestDomain domain) {
        var bundle = domain.bundle();
        var both = Stream.of(bundle, new TestDomain(bundle.trustDomain()).bundle())
                .flatMap(each -> each.x509Authorities().stream())
                .toList();
        return new TrustBundle(bundle.trustDomain(), both, bundle.jwtAuthorities(), 1, bundle.refreshHint());
    }

    @Test
    void certificatesAreDerLeafFirstAndTheKeyIsTheLeafs() throws Exception {
        endpoint.put(endpoint.entry("a", "/web"));

        var message = next(follow(endpoint));

        var svid = message.getSvids(0);
        var held = endpoint.held("a").svid();
        assertEquals(der(held.chain()), svid.getX509Svid());
        assertEquals(X509SvidValidator.idOf(held.leaf()).toString(), svid.getSpiffeId());
        var key = new PKCS8EncodedKeySpec(svid.getX509SvidKey().toByteArray());
        assertEquals(held.privateKey(), KeyFactory.getInstance("EC").generatePrivate(key));
        assertEquals(authorities(HOME), svid.getBundle());
        assertEquals(0, message.getCrlCount());
    }

    @Test
    void bundlesAreOfOneKindEach() throws Exception {
        endpoint.put(endpoint.entry("a", "/web"));

        var x509 = next(stub(endpoint).fetchX509Bundles(X509BundlesRequest.getDefaultInstance()));
        assertEquals(Map.of("spiffe://example.org", authorities(HOME)), x509.getBundlesMap());
        assertEquals(0, x509.getCrlCount());

        var jwt = next(stub(endpoint).fetchJWTBundles(JWTBundlesRequest.getDefaultInstance()))
                .getBundlesMap();
        assertEquals(Set.of("spiffe://example.org"), jwt.keySet());
        var keys = JsonParser.parseString(jwt.getOrDefault("spiffe://example.org", ByteString.EMPTY)
                        .toStringUtf8())
                .getAsJsonObject()
                .getAsJsonArray("keys");
        var authority = endpoint.home.bundle().jwtAuthorities().getFirst();
        assertEquals(1, keys.size());
        assertEquals(authority.keyId(), keys.get(0).getAsJsonObject().get("kid").getAsString());
        // neither x5c nor another use: nothing that verifies certificates
        assertEquals(
                Set.of("kty", "kid", "crv", "x", "y"),
                keys.get(0).getAsJsonObject().keySet());
    }

    @Test
    void federatedBundlesAreTheUnionOfTheCallersEntriesWithoutTheOwnOne() throws Exception {
        endpoint.put(endpoint.entry("a", "/web"), endpoint.entry("b", "/more", ABROAD, HOME));
        assertEquals(
                Map.of("spiffe://abroad.org", authorities(ABROAD)),
                next(follow(endpoint)).getFederatedBundlesMap());
    }

    @Test
    void federatedBundleThatIsNotThereYetIsLeftOutUntilItComes() throws Exception {
        endpoint.put(endpoint.entry("a", "/web", ABROAD));
        endpoint.forget(ABROAD);
        var svids = follow(endpoint);
        var x509 = stub(endpoint).fetchX509Bundles(X509BundlesRequest.getDefaultInstance());
        var jwt = stub(endpoint).fetchJWTBundles(JWTBundlesRequest.getDefaultInstance());
        assertEquals(Set.of(), next(svids).getFederatedBundlesMap().keySet());
        assertEquals(Set.of("spiffe://example.org"), next(x509).getBundlesMap().keySet());
        assertEquals(Set.of("spiffe://example.org"), next(jwt).getBundlesMap().keySet());

        endpoint.trust(endpoint.abroad.bundle());

        var both = Set.of("spiffe://example.org", "spiffe://abroad.org");
        assertEquals(
                Set.of("spiffe://abroad.org"),
                next(svids).getFederatedBundlesMap().keySet());
        assertEquals(both, next(x509).getBundlesMap().keySet());
        assertEquals(both, next(jwt).getBundlesMap().keySet());
    }

    @Test
    void aDomainOfTokenKeysAloneIsInNoAnswerAboutCertificates() throws Exception {
        endpoint.trust(TrustBundle.ofJwt(ABROAD, endpoint.abroad.bundle().jwtAuthorities()));
        endpoint.put(endpoint.entry("a", "/web", ABROAD));

        assertEquals(Set.of(HOME), endpoint.client.fetchX509Context().bundles().keySet());
        assertEquals(Set.of(HOME), endpoint.client.fetchX509Bundles().keySet());
        assertEquals(Set.of(HOME, ABROAD), endpoint.client.fetchJwtBundles().keySet());
    }

    @Test
    void federationThatEndsLeavesEveryStream() throws Exception {
        endpoint.put(endpoint.entry("a", "/web", ABROAD));
        var svids = follow(endpoint);
        var x509 = stub(endpoint).fetchX509Bundles(X509BundlesRequest.getDefaultInstance());
        var jwt = stub(endpoint).fetchJWTBundles(JWTBundlesRequest.getDefaultInstance());
        assertEquals(1, next(svids).getFederatedBundlesCount());
        assertEquals(2, next(x509).getBundlesCount());
        assertEquals(2, next(jwt).getBundlesCount());

        endpoint.put(endpoint.entry("a", "/web"));

        assertEquals(0, next(svids).getFederatedBundlesCount());
        assertEquals(Set.of("spiffe://example.org"), next(x509).getBundlesMap().keySet());
        assertEquals(Set.of("spiffe://example.org"), next(jwt).getBundlesMap().keySet());
    }

    @Test
    void everyMessageIsTheWholeStateInOneOrder() throws Exception {
        endpoint.put(endpoint.entry("b", "/first-by-name", ABROAD), endpoint.entry("a", "/zzz"));
        var call = follow(endpoint);
        assertIsWhole(next(call));
        var changes = List.<Runnable>of(
                () -> endpoint.rotate("a"),
                () -> endpoint.trust(grown(endpoint.home)),
                () -> endpoint.trust(grown(endpoint.abroad)),
                () -> endpoint.rotate("a", "b"),
                () -> endpoint.trust(endpoint.home.bundle()));
        for (int i = 0; i < 10; i++) {
            changes.get(i % changes.size()).run();
            assertIsWhole(next(call));
        }
    }

    private void assertIsWhole(X509SVIDResponse message) {
        assertEquals(List.of("spiffe://example.org/zzz", "spiffe://example.org/first-by-name"), ids(message));
        assertEquals(
                Stream.of("a", "b")
                        .map(id -> der(endpoint.held(id).svid().chain()))
                        .toList(),
                leaves(message));
        for (var svid : message.getSvidsList()) {
            assertEquals(authorities(HOME), svid.getBundle());
        }
        assertEquals(Map.of("spiffe://abroad.org", authorities(ABROAD)), message.getFederatedBundlesMap());
    }

    @Test
    void authorityThatComesAndGoesIsAMessageEachAndNoNewCertificate() throws Exception {
        endpoint.put(endpoint.entry("a", "/web"));
        var call = follow(endpoint);
        var first = next(call);

        endpoint.trust(grown(endpoint.home));
        var second = next(call);
        endpoint.trust(endpoint.home.bundle());
        var third = next(call);

        assertEquals(
                2,
                Der.parseCertificates(second.getSvids(0).getBundle().toByteArray())
                        .size());
        assertEquals(leaves(first), leaves(second));
        assertEquals(first, third);
        endpoint.rotate("a");
        assertNotEquals(first, next(call), "the same came twice");
    }

    @Test
    void hintComesAsItIsAndOnlyOneThatIsNotEmptyIsUnique() throws Exception {
        var longest = "ä".repeat(512);
        endpoint.put(hinted("a", longest), hinted("b", longest), hinted("c", ""), hinted("d", ""));
        var call = follow(endpoint);
        assertEquals(List.of(longest, "", ""), hints(next(call)));

        endpoint.put(hinted("a", longest), hinted("b", "other"), hinted("c", ""), hinted("d", ""));
        assertEquals(List.of(longest, "other", "", ""), hints(next(call)));
    }

    private RegistrationEntry hinted(String id, String hint) {
        return endpoint.entry(id, "/" + id, hint, TestEndpoint.here());
    }

    private static List<String> hints(X509SVIDResponse message) {
        return message.getSvidsList().stream().map(X509SVID::getHint).toList();
    }
}
