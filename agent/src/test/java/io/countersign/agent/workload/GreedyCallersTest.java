// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import static io.countersign.agent.workload.Streams.assertEnds;
import static io.countersign.agent.workload.Streams.follow;
import static io.countersign.agent.workload.Streams.next;
import static io.countersign.agent.workload.Streams.stub;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.countersign.agent.Eventually;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.config.CallerLimits;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.ValidateJWTSVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthGrpc.HealthBlockingV2Stub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Callers that open much, finish nothing, say a lot, or come again and again. */
@Timeout(60)
final class GreedyCallersTest {
    private static final String TOO_MANY = "this process has 2 calls open, the most at once; end some of them";
    /** With a field that nobody knows, and each of its bytes counts twice: as it came, and out of what came. */
    private static final X509SVIDRequest LARGE = X509SVIDRequest.newBuilder()
            .setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(
                            100,
                            UnknownFieldSet.Field.newBuilder()
                                    .addLengthDelimited(ByteString.copyFrom(new byte[60_000]))
                                    .build())
                    .build())
            .build();

    private static final int LARGE_CALLS = 400;

    @TempDir
    private Path folder;

    private final List<ClientCall<?, ?>> begun = new ArrayList<>();
    private TestEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        open(CallerLimits.standard());
    }

    private void open(CallerLimits limits) throws IOException {
        var usual = Options.standard();
        endpoint = new TestEndpoint(
                folder, new Options(usual.attestors(), false, usual.foreignClaims(), usual.names(), limits));
        endpoint.put(endpoint.entry("a", "/web"));
    }

    private void openForTwoStreams() throws Exception {
        endpoint.close();
        var usual = CallerLimits.standard();
        open(new CallerLimits(
                2,
                usual.streamsPerWorkload(),
                usual.callsPerProcess(),
                usual.callsPerWorkload(),
                usual.attestations()));
    }

    @AfterEach
    void close() throws Exception {
        begun.forEach(call -> call.cancel("the test is over", null));
        endpoint.close();
    }

    private HealthBlockingV2Stub health() {
        return HealthGrpc.newBlockingV2Stub(endpoint.channel).withDeadlineAfter(50, TimeUnit.SECONDS);
    }

    private static HealthCheckRequest probe(int letters) {
        return HealthCheckRequest.newBuilder().setService("x".repeat(letters)).build();
    }

    private static DiscoveryRequest named(int letters) {
        return DiscoveryRequest.newBuilder()
                .addResourceNames("x".repeat(letters))
                .build();
    }

    /** Begins a call whose request never comes; the answer is how it ends. */
    private CompletableFuture<Status> begin() {
        return begin(Optional.empty());
    }

    /** As the other, and the request comes, and not the end of it. */
    private CompletableFuture<Status> begin(Optional<X509SVIDRequest> request) {
        var method = SpiffeWorkloadAPIGrpc.getFetchX509SVIDMethod().toBuilder()
                // of another type the library keeps the beginning until there is a request
                .setType(MethodType.BIDI_STREAMING)
                .build();
        var ended = new CompletableFuture<Status>();
        var call = stub(endpoint).getChannel().newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<X509SVIDResponse>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                new Metadata());
        request.ifPresent(call::sendMessage);
        begun.add(call);
        return ended;
    }

    private void assertIsServedAgain() {
        Eventually.holds(
                "a call is served",
                () -> endpoint.client.fetchX509Context().svids().size() == 1);
    }

    @Test
    void callsOfEveryServiceCount() throws Exception {
        openForTwoStreams();
        var first = health().watch(probe(0));
        assertEquals(ServingStatus.SERVING, next(first).getStatus());
        next(health().watch(probe(0)));
        assertEnds(Code.RESOURCE_EXHAUSTED, TOO_MANY, health().watch(probe(0)));
        assertEnds(Code.RESOURCE_EXHAUSTED, TOO_MANY, follow(endpoint));

        first.cancel("enough", null);
        assertIsServedAgain();
    }

    @Test
    void callsWithoutARequestCount() throws Exception {
        openForTwoStreams();
        var calls = List.of(begin(), begin(), begin());
        Eventually.holds("one is refused", () -> calls.stream().anyMatch(CompletableFuture::isDone));
        var ended = calls.stream().filter(CompletableFuture::isDone).toList();
        assertEquals(1, ended.size());
        assertEquals(Code.RESOURCE_EXHAUSTED, ended.getFirst().get().getCode());
        assertEquals(TOO_MANY, ended.getFirst().get().getDescription());
    }

    @Test
    void littleIsHeldOfRequestsThatAreNotThereAsAWhole() throws Exception {
        var calls = new ArrayList<CompletableFuture<Status>>();
        for (int i = 0; i < LARGE_CALLS; i++) {
            calls.add(begin(Optional.of(LARGE)));
        }
        Eventually.holds(
                "some are refused",
                () -> calls.stream().filter(CompletableFuture::isDone).count() > LARGE_CALLS / 4);
        for (var call : calls) {
            if (call.isDone()) {
                assertEquals(Code.RESOURCE_EXHAUSTED, call.get().getCode());
                assertEquals(
                        "too much of requests is held that have begun and not been sent as a whole",
                        call.get().getDescription());
            }
        }
        assertTrue(calls.stream().filter(call -> !call.isDone()).count() > LARGE_CALLS / 8, "all are refused");
        assertIsServedAgain();
    }

    @Test
    void callThatIsRefusedIsForgottenThoughItsRequestNeverComes() throws Exception {
        try (var bytes = RawConnection.open(folder.resolve("agent.sock"))) {
            bytes.begin("another-header");
            assertEquals(RawConnection.HEADERS, bytes.outcome());
            assertEquals(RawConnection.RST_STREAM, bytes.outcome());
        }
    }

    private static void assertTooLarge(Executable call) {
        var refused = assertThrows(StatusException.class, call);
        assertEquals(Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode(), refused::toString);
    }

    @Test
    void requestsHaveASize() throws Exception {
        var sds =
                SecretDiscoveryServiceGrpc.newBlockingV2Stub(endpoint.channel).withDeadlineAfter(50, TimeUnit.SECONDS);
        assertTooLarge(() -> sds.fetchSecrets(named(1 << 20)));
        assertTooLarge(() -> health().check(probe(1_024)));
        assertTooLarge(() -> health().watch(probe(1_024)).read());
        assertTooLarge(() -> stub(endpoint)
                .validateJWTSVID(ValidateJWTSVIDRequest.newBuilder()
                        .setAudience("a")
                        .setSvid("x".repeat(70_000))
                        .build()));

        var read = assertThrows(StatusException.class, () -> sds.fetchSecrets(named(500_000)));
        assertEquals(Code.INVALID_ARGUMENT, read.getStatus().getCode());
        var unknown = assertThrows(StatusException.class, () -> health().check(probe(1_000)));
        assertEquals(Code.NOT_FOUND, unknown.getStatus().getCode());
        assertEquals(1, next(follow(endpoint)).getSvidsCount());
    }

    @Test
    void callsThatAreRefusedWithoutEndHaveFewLinesInTheLog() throws Exception {
        endpoint.put(endpoint.entry("b", "/other", "", TestEndpoint.elsewhere()));
        var log = folder.resolve("log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(log)));
        try {
            var request = JWTSVIDRequest.newBuilder().addAudience("there").build();
            for (int i = 0; i < 1_000; i++) {
                var refused =
                        assertThrows(StatusException.class, () -> stub(endpoint).fetchJWTSVID(request));
                assertEquals(Code.PERMISSION_DENIED, refused.getStatus().getCode());
            }
        } finally {
            Log.configure(LogSettings.standard());
        }
        var lines = Files.readAllLines(log).stream()
                .filter(line -> line.contains(" is refused "))
                .count();
        // a minute may have ended meanwhile
        assertTrue(lines >= 20 && lines <= 40, lines + " lines");
    }
}
