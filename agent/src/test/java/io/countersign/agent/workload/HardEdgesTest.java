// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import static io.countersign.agent.TestDomain.HOME;
import static io.countersign.agent.workload.Streams.assertEnds;
import static io.countersign.agent.workload.Streams.follow;
import static io.countersign.agent.workload.Streams.next;
import static io.countersign.agent.workload.Streams.stub;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.agent.Eventually;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.NameService;
import io.countersign.agent.attest.UnixAttestor;
import io.countersign.agent.attest.WorkloadAttestor;
import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import io.countersign.rpc.RpcChannels;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.ValidateJWTSVIDRequest;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that mean something else, do not read, go without a word, or are many. */
@Timeout(60)
final class HardEdgesTest {
    private static final int MANY = 1_000;

    @TempDir
    private Path folder;

    private final AtomicInteger looks = new AtomicInteger();
    private TestEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        open(CallerLimits.standard());
    }

    private void open(CallerLimits limits) throws IOException {
        var unix = new UnixAttestor(false, 0, new NameService(InstantSource.system()));
        var counted = Options.of(new WorkloadAttestor() {
            @Override
            public String name() {
                return unix.name();
            }

            @Override
            public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException {
                looks.incrementAndGet();
                return unix.attest(process);
            }
        });
        endpoint = new TestEndpoint(
                folder, new Options(counted.attestors(), false, counted.foreignClaims(), counted.names(), limits));
        endpoint.put(endpoint.entry("a", "/web"));
    }

    @AfterEach
    void close() throws Exception {
        endpoint.close();
    }

    private Path socket() {
        return folder.resolve("agent.sock");
    }

    private void assertOthersAreServed() {
        assertEquals(
                endpoint.home.id("/web"),
                endpoint.client.fetchX509Context().defaultSvid().id());
    }

    private static Stream<List<String>> wrongHeaders() {
        return Stream.of(
                List.of(),
                List.of(""),
                List.of("TRUE"),
                List.of("True"),
                List.of("false"),
                List.of("1"),
                List.of("yes"),
                List.of(" true"),
                List.of("true", "true"),
                List.of("true", "false"));
    }

    @ParameterizedTest
    @MethodSource("wrongHeaders")
    void withoutTheSecurityHeaderNoMethodLooksAtAnythingElse(List<String> values) {
        var stub = stub(endpoint.channel, values);
        for (var call : List.<Executable>of(
                () -> stub.fetchX509SVID(X509SVIDRequest.getDefaultInstance()).read(),
                () -> stub.fetchX509Bundles(X509BundlesRequest.getDefaultInstance())
                        .read(),
                () -> stub.fetchJWTBundles(JWTBundlesRequest.getDefaultInstance())
                        .read(),
                () -> stub.fetchJWTSVID(JWTSVIDRequest.getDefaultInstance()),
                () -> stub.validateJWTSVID(ValidateJWTSVIDRequest.getDefaultInstance()))) {
            var refused = assertThrows(StatusException.class, call).getStatus();
            assertEquals(Status.Code.INVALID_ARGUMENT, refused.getCode());
            assertEquals("security header missing from request", refused.getDescription());
        }
        assertEquals(0, looks.get());
    }

    @Test
    void headerInCapitalLettersIsNone() throws Exception {
        try (var bytes = RawConnection.open(socket())) {
            bytes.ask("workload.spiffe.io");
            assertEquals(RawConnection.DATA, bytes.outcome());
        }
        try (var bytes = RawConnection.open(socket())) {
            bytes.ask("Workload.SPIFFE.io");
            assertNotEquals(RawConnection.DATA, bytes.outcome());
        }
        assertOthersAreServed();
    }

    @Test
    void connectionOfAnotherProtocolIsClosed() throws Exception {
        for (var sent : List.of(
                RawConnection.clientHello(),
                RawConnection.text("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                RawConnection.text("hello\n"))) {
            try (var bytes = RawConnection.open(socket())) {
                bytes.send(sent);
                bytes.awaitEnd();
            }
            assertOthersAreServed();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SpiffeWorkloadAPI/FetchWITSVID",
                "SpiffeWorkloadAPI/FetchWITBundles",
                "SpiffeWorkloadAPI/FetchNothing",
                "example.Service/Fetch"
            })
    void methodThatIsNotServedLeavesTheConnectionInUse(String name) throws Exception {
        var method = SpiffeWorkloadAPIGrpc.getValidateJWTSVIDMethod().toBuilder()
                .setFullMethodName(name)
                .build();
        var channel = stub(endpoint).getChannel();
        var refused = assertThrows(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        channel, method, CallOptions.DEFAULT, ValidateJWTSVIDRequest.getDefaultInstance()));
        assertEquals(Status.Code.UNIMPLEMENTED, refused.getStatus().getCode());
        assertEquals(1, next(follow(endpoint)).getSvidsCount());
    }

    @Test
    void reflectionNeedsNoHeader() throws Exception {
        var call = ServerReflectionGrpc.newBlockingV2Stub(endpoint.channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .serverReflectionInfo();
        call.write(ServerReflectionRequest.newBuilder().setListServices("").build());
        var services = next(call).getListServicesResponse().getServiceList().stream()
                .map(ServiceResponse::getName)
                .toList();
        assertTrue(services.contains("SpiffeWorkloadAPI"), services::toString);
        call.cancel("seen", null);
        assertEquals(0, looks.get());
    }

    @Test
    void callerThatDoesNotReadIsToldTheNewestWhenItDoesAndLittleElse() throws Exception {
        var bundle = endpoint.home.bundle();
        endpoint.trust(new TrustBundle(
                HOME,
                Collections.nCopies(600, bundle.x509Authorities().getFirst()),
                bundle.jwtAuthorities(),
                1,
                bundle.refreshHint()));
        var other = RpcChannels.unix(socket());
        try {
            var slow = stub(other, List.of("true")).fetchX509SVID(X509SVIDRequest.getDefaultInstance());
            next(slow);
            var reading = follow(endpoint);
            next(reading);
            for (int i = 0; i < 100; i++) {
                endpoint.rotate("a");
                next(reading);
            }

            var newest = ByteString.copyFrom(endpoint.held("a").svid().leaf().getEncoded());
            int told = 1;
            while (!next(slow).getSvids(0).getX509Svid().equals(newest)) {
                told++;
            }
            assertTrue(told < 30, told + " messages were kept for it");
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void streamThatItsCallerCancelsGivesBackItsShare() throws Exception {
        endpoint.close();
        var usual = CallerLimits.standard();
        open(new CallerLimits(
                2,
                usual.streamsPerWorkload(),
                usual.callsPerProcess(),
                usual.callsPerWorkload(),
                usual.attestations()));
        var first = follow(endpoint);
        next(first);
        next(follow(endpoint));
        assertEnds(
                Status.Code.RESOURCE_EXHAUSTED,
                "this process has 2 calls open, the most at once; end some of them",
                follow(endpoint));
        assertEquals(2, endpoint.snapshots.listeners());

        first.cancel("enough", null);

        Eventually.holds("nobody listens for it", () -> endpoint.snapshots.listeners() == 1);
        next(follow(endpoint));
    }

    @Test
    void ofManyStreamsAllAreToldOfOneChangeAndANewOneIsServedAtOnce() throws Exception {
        var told = new ConcurrentHashMap<ByteString, AtomicInteger>();
        var stub = SpiffeWorkloadAPIGrpc.newStub(stub(endpoint).getChannel());
        for (int i = 0; i < MANY; i++) {
            stub.fetchX509SVID(X509SVIDRequest.getDefaultInstance(), new StreamObserver<>() {
                @Override
                public void onNext(X509SVIDResponse response) {
                    told.computeIfAbsent(response.getSvids(0).getX509Svid(), first -> new AtomicInteger())
                            .incrementAndGet();
                }

                @Override
                public void onError(Throwable failure) {
                    // whoever is missing is counted
                }

                @Override
                public void onCompleted() {
                    // as above
                }
            });
        }
        awaitAll(told);
        assertTimeout(Duration.ofSeconds(20), () -> next(follow(endpoint)));

        endpoint.rotate("a");
        awaitAll(told);

        assertEquals(2, told.size());
        assertTrue(told.values().stream().allMatch(count -> count.get() == MANY), told.values()::toString);
    }

    /** Until each of them has been told of the certificate that is newest. */
    private void awaitAll(Map<ByteString, AtomicInteger> told) {
        Eventually.holds("all are told", () -> {
            var newest = ByteString.copyFrom(endpoint.held("a").svid().leaf().getEncoded());
            return told.getOrDefault(newest, new AtomicInteger()).get() == MANY;
        });
    }
}
