// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static io.countersign.agent.workload.Streams.assertEnds;
import static io.countersign.agent.workload.Streams.follow;
import static io.countersign.agent.workload.Streams.ids;
import static io.countersign.agent.workload.Streams.next;
import static io.countersign.agent.workload.Streams.stub;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.countersign.agent.TestDomain;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.WorkloadApiException;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The streams of the Workload API over a real socket. */
final class WorkloadServiceTest {
    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    private TestEndpoint endpoint(Options options) throws IOException {
        var endpoint = new TestEndpoint(folder, options);
        opened.add(endpoint);
        return endpoint;
    }

    private TestEndpoint endpoint() throws IOException {
        return endpoint(Options.standard());
    }

    @Test
    void healthNeedsNoHeader() throws Exception {
        var health = HealthGrpc.newBlockingStub(endpoint().channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance());
        assertEquals(ServingStatus.SERVING, health.getStatus());
    }

    @Test
    void processWithoutAnEntryIsDenied() throws Exception {
        var endpoint = endpoint();
        endpoint.put(endpoint.entry("a", "/web", "", TestEndpoint.elsewhere()));

        assertEnds(Status.Code.PERMISSION_DENIED, "no identity issued", follow(endpoint));
        for (var call : List.<Executable>of(
                endpoint.client::fetchX509Bundles,
                endpoint.client::fetchJwtBundles,
                () -> endpoint.client.fetchJwtSvid("x"))) {
            var denied = assertThrows(WorkloadApiException.class, call);
            assertEquals(Status.Code.PERMISSION_DENIED, denied.code());
        }
    }

    @Test
    void processThatCannotBeLookedAtIsToldToComeAgain() throws Exception {
        var endpoint = endpoint(Options.blind());
        assertEnds(Status.Code.UNAVAILABLE, "workload attestation failed", follow(endpoint));
    }

    @Test
    void identitiesComeInOrderWithHintsAndFederatedBundles() throws Exception {
        var endpoint = endpoint();
        endpoint.put(
                endpoint.entry("b", "/second", "external", TestEndpoint.here()),
                endpoint.entry("a", "/first", "internal", TestEndpoint.here(), ABROAD),
                endpoint.entry("c", "/other", "", TestEndpoint.elsewhere()));

        var context = endpoint.client.fetchX509Context();

        assertEquals(
                List.of(endpoint.home.id("/first"), endpoint.home.id("/second")),
                context.svids().stream().map(svid -> svid.id()).toList());
        assertEquals(
                List.of("internal", "external"),
                context.svids().stream().map(svid -> svid.hint()).toList());
        assertEquals(endpoint.held("a").svid().leaf(), context.defaultSvid().leaf());
        assertEquals(
                endpoint.held("a").svid().privateKey(), context.defaultSvid().privateKey());
        assertEquals(Map.of(HOME, x509(endpoint.home), ABROAD, x509(endpoint.abroad)), context.bundles());
    }

    private static TrustBundle x509(TestDomain domain) {
        return TrustBundle.ofX509(domain.bundle().trustDomain(), domain.bundle().x509Authorities());
    }

    @Test
    void ofEqualHintsTheOldestEntryIsKept() throws Exception {
        var endpoint = endpoint();
        endpoint.put(
                hinted(endpoint, "a", "/young", Instant.ofEpochSecond(20)),
                hinted(endpoint, "b", "/old", Instant.ofEpochSecond(10)),
                hinted(endpoint, "c", "/equally-old", Instant.ofEpochSecond(10)));

        assertEquals(List.of("spiffe://example.org/old"), ids(next(follow(endpoint))));
    }

    private static RegistrationEntry hinted(TestEndpoint endpoint, String id, String path, Instant created) {
        var selectors = Set.of(TestEndpoint.here());
        return new RegistrationEntry(id, endpoint.home.id(path), selectors, Set.of(), "same", 1, created, false);
    }

    @Test
    void newSnapshotIsPushedAndOneOfOthersIsNot() throws Exception {
        var endpoint = endpoint();
        endpoint.put(endpoint.entry("a", "/web"), endpoint.entry("z", "/other", "", TestEndpoint.elsewhere()));
        var call = follow(endpoint);
        var first = next(call);

        endpoint.rotate("z");
        endpoint.rotate("a");
        var second = next(call);
        assertEquals(ids(first), ids(second));
        assertEquals(
                ByteString.copyFrom(endpoint.held("a").svid().privateKey().getEncoded()),
                second.getSvids(0).getX509SvidKey());
        assertEquals(
                ByteString.copyFrom(endpoint.held("a").svid().leaf().getEncoded()),
                second.getSvids(0).getX509Svid());

        endpoint.put(endpoint.entry("a", "/web"), endpoint.entry("b", "/more"));
        assertEquals(List.of("spiffe://example.org/web", "spiffe://example.org/more"), ids(next(call)));

        endpoint.put(endpoint.entry("b", "/more"));
        assertEquals(List.of("spiffe://example.org/more"), ids(next(call)));
    }

    @Test
    void streamOfAWorkloadThatLosesItsEntryEndsWithADenial() throws Exception {
        var endpoint = endpoint();
        endpoint.put(endpoint.entry("a", "/web"));
        var call = follow(endpoint);
        next(call);

        endpoint.put();

        assertEnds(Status.Code.PERMISSION_DENIED, "no identity issued", call);
    }

    @Test
    void streamNeverEndsWithOkWhenTheAgentStops() throws Exception {
        var endpoint = endpoint();
        endpoint.put(endpoint.entry("a", "/web"));
        var call = follow(endpoint);
        next(call);

        endpoint.stop();

        assertThrows(StatusException.class, call::read);
    }

    @Test
    void certificateThatIsNotIssuedYetIsWaitedFor() throws Exception {
        var endpoint = endpoint();
        endpoint.put(endpoint.entry("a", "/web"));
        endpoint.forgetSvids();
        var bundles = stub(endpoint).fetchX509Bundles(X509BundlesRequest.getDefaultInstance());
        var call = follow(endpoint);
        // the bundles are there, so that the agent has had time to answer the other call wrongly
        next(bundles);

        endpoint.rotate("a");

        assertEquals(1, next(call).getSvidsCount());
    }

    @Test
    void bundlesAreThoseThatTheWorkloadsEntriesFederateWith() throws Exception {
        var endpoint = endpoint();
        endpoint.put(endpoint.entry("a", "/web"));
        assertEquals(Map.of(HOME, x509(endpoint.home)), endpoint.client.fetchX509Bundles());
        assertEquals(Set.of(HOME), endpoint.client.fetchJwtBundles().keySet());

        endpoint.put(endpoint.entry("a", "/web", ABROAD));
        assertEquals(
                Map.of(HOME, x509(endpoint.home), ABROAD, x509(endpoint.abroad)), endpoint.client.fetchX509Bundles());
        assertEquals(
                endpoint.abroad.bundle().jwtAuthorities(),
                endpoint.client
                        .fetchJwtBundles()
                        .getOrDefault(ABROAD, x509(endpoint.home))
                        .jwtAuthorities());
    }

    @Test
    void changedBundleIsPushedToThoseWhoFollowItAndEqualOnesAreNot() throws Exception {
        var endpoint = endpoint();
        endpoint.put(endpoint.entry("a", "/web"));
        var x509 = stub(endpoint).fetchX509Bundles(X509BundlesRequest.getDefaultInstance());
        var jwt = stub(endpoint).fetchJWTBundles(JWTBundlesRequest.getDefaultInstance());
        X509BundlesResponse oldX509 = next(x509);
        JWTBundlesResponse oldJwt = next(jwt);
        var before = endpoint.home.bundle();
        var other = new TestDomain(HOME).bundle();

        endpoint.trust(
                new TrustBundle(HOME, before.x509Authorities(), other.jwtAuthorities(), 1, before.refreshHint()));
        JWTBundlesResponse newJwt = next(jwt);
        assertEquals(1, newJwt.getBundlesCount());
        assertNotEquals(oldJwt, newJwt);

        endpoint.trust(new TrustBundle(HOME, other.x509Authorities(), other.jwtAuthorities(), 2, before.refreshHint()));
        assertNotEquals(oldX509, next(x509), "the same bundles came twice");
    }

    @Test
    void verifierWithoutAnEntryGetsTheOwnBundleIfThatIsAllowed() throws Exception {
        var standard = Options.standard();
        var endpoint = endpoint(new Options(standard.attestors(), true, Set.of(), standard.names(), standard.limits()));
        endpoint.put(endpoint.entry("a", "/web", "", TestEndpoint.elsewhere(), ABROAD));

        assertEquals(Map.of(HOME, x509(endpoint.home)), endpoint.client.fetchX509Bundles());
        assertEquals(Set.of(HOME), endpoint.client.fetchJwtBundles().keySet());
        assertThrows(WorkloadApiException.class, endpoint.client::fetchX509Context);
    }
}
