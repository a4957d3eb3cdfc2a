// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig.RateLimits;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.NewX509SVIDParams;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How often callers over TCP may come. */
@Timeout(60)
class CallLimitsTest {
    @TempDir
    Path folder;

    private Optional<TestServer> server = Optional.empty();

    private TestServer start(RateLimits limits) throws Exception {
        var started = TestServer.start(folder, config -> TestConfig.rateLimits(config, limits));
        server = Optional.of(started);
        return started;
    }

    @AfterEach
    void close() {
        server.ifPresent(TestServer::close);
    }

    private static BatchNewX509SVIDRequest batch(int size) {
        return BatchNewX509SVIDRequest.newBuilder()
                .addAllParams(Collections.nCopies(size, NewX509SVIDParams.getDefaultInstance()))
                .build();
    }

    private static int signed(TestServer server, X509Svid node, int size) {
        return TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(node)))
                .batchNewX509SVID(batch(size))
                .getResultsCount();
    }

    @Test
    void moreThanABurstIsNeverGiven() throws Exception {
        var server = start(new RateLimits(true, true));
        var node = server.join();

        assertEquals(500, signed(server, node, 500));
        assertEquals(
                "rejecting request due to certificate signing rate limiting: rate (501) exceeds burst size (500)",
                Refused.with(Code.RESOURCE_EXHAUSTED, () -> signed(server, node, 501)));
    }

    @Test
    void aSwitchTurnsALimitOff() throws Exception {
        var server = start(new RateLimits(true, false));

        assertEquals(501, signed(server, server.join(), 501));
    }

    @Test
    void aCallerWhoCannotWaitIsTurnedAwayAndOneWhoCanWaits() throws Exception {
        var server = start(new RateLimits(false, false));
        var agents = AgentGrpc.newBlockingStub(server.as(server.join()));
        var status = PostStatusRequest.newBuilder().setAgentVersion("1").build();
        long begin = System.nanoTime();

        for (int i = 0; i < 20; i++) {
            var _ = TestServer.waiting(agents).postStatus(status);
        }

        // ten at once, then ten a second
        assertTrue(System.nanoTime() - begin > TimeUnit.MILLISECONDS.toNanos(900));
        var refusal = Refused.with(Code.RESOURCE_EXHAUSTED, () -> {
            for (int i = 0; i < 200; i++) {
                try {
                    var _ = agents.withDeadlineAfter(60, TimeUnit.MILLISECONDS).postStatus(status);
                } catch (StatusRuntimeException e) {
                    // on a slow machine the time may be over on the way
                    if (e.getStatus().getCode() != Code.DEADLINE_EXCEEDED) {
                        throw e;
                    }
                }
            }
        });
        assertEquals(
                "rejecting request due to post status rate limiting: rate: Wait(n=1) would exceed context deadline",
                refusal);
    }

    @Test
    void otherCallsAreNotCounted() throws Exception {
        var server = start(new RateLimits(true, true));
        var bundles = BundleGrpc.newBlockingStub(server.as(server.join()));

        for (int i = 0; i < 600; i++) {
            var _ = TestServer.waiting(bundles).getBundle(GetBundleRequest.getDefaultInstance());
        }
    }

    @Test
    void aBucketFillsUpAgainButNotOver() {
        long second = TimeUnit.SECONDS.toNanos(1);
        var bucket = new TokenBucket(10, 0);

        assertEquals(Optional.of(0L), bucket.take(10, 0, second));
        assertEquals(Optional.of(second / 2), bucket.take(5, 0, second));
        assertEquals(Optional.empty(), bucket.take(10, 0, second));
        assertTrue(!bucket.isFull(second));
        assertTrue(bucket.isFull(100 * second));
        assertEquals(Optional.of(0L), bucket.take(10, 100 * second, 0));
        assertEquals(Optional.empty(), bucket.take(1, 100 * second, 0));
    }
}
