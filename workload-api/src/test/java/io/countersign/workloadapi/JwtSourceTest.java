// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static io.countersign.workloadapi.TestAuthority.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that last five minutes, from an agent on a real socket, on a clock that is moved by hand. */
final class JwtSourceTest {
    private static final Set<String> X = Set.of("x");

    @TempDir
    private Path folder;

    private final TestAuthority home = new TestAuthority(HOME);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private TestAgent agent;
    private WorkloadApiClient client;
    private JwtSource source;

    @BeforeEach
    void open() throws Exception {
        agent = new TestAgent(folder.resolve("agent.sock"));
        client = connect(Duration.ofSeconds(20));
        source = new JwtSource(client, now::get);
    }

    @AfterEach
    void close() throws Exception {
        source.close();
        client.close();
        agent.close();
    }

    private WorkloadApiClient connect(Duration timeout) {
        return WorkloadApiClient.connect("unix://" + folder + "/agent.sock", timeout);
    }

    private void advance(Duration by) {
        now.updateAndGet(before -> before.plus(by));
    }

    /** What the agent answers from now on. */
    private String token() {
        var message = home.token("/a", "x");
        agent.jwt.push(JWTSVIDResponse.newBuilder().addSvids(message).build());
        return message.getSvid();
    }

    private String fetch() throws InterruptedException {
        return source.svid(X).token();
    }

    /** Asks on a thread of its own, and says so just before. */
    private CompletableFuture<JwtSvid> begin(CountDownLatch begun) {
        var answer = new CompletableFuture<JwtSvid>();
        Thread.ofVirtual().start(() -> {
            begun.countDown();
            try {
                answer.complete(source.svid(X));
            } catch (InterruptedException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    @Test
    void eachSetOfAudiencesIsAskedForOnceInWhateverOrder() throws Exception {
        token();
        var both = source.svid(new LinkedHashSet<>(List.of("y", "x")));
        assertEquals(both, source.svid(new LinkedHashSet<>(List.of("x", "y"))));
        source.svid(X);
        source.svid(X);

        assertEquals(
                List.of(List.of("x", "y"), List.of("x")),
                agent.tokenRequests.stream()
                        .map(request -> List.copyOf(request.getAudienceList()))
                        .toList());
        assertThrows(IllegalArgumentException.class, () -> source.svid(Set.of()));
    }

    @Test
    void fromHalfOfItsLifeOnATokenIsRenewedAndNobodyWaits() throws Exception {
        var first = token();
        assertEquals(first, fetch());
        var second = token();

        advance(Duration.ofSeconds(149));
        assertEquals(first, fetch());
        assertEquals(1, agent.tokenRequests.size());

        // on a slow machine the first one was made some time after the clock was set
        advance(Duration.ofSeconds(31));
        assertEquals(first, fetch());
        Eventually.holds("the new one", () -> fetch().equals(second));
        assertEquals(2, agent.tokenRequests.size());
    }

    @Test
    void whileTheAgentIsAwayATokenServesUntilItExpires() throws Exception {
        var first = token();
        assertEquals(first, fetch());
        agent.jwt.refuse(Status.UNAVAILABLE);

        advance(Duration.ofMinutes(3));
        assertEquals(first, fetch());
        Eventually.holds("asked", () -> agent.tokenRequests.size() == 2);
        var failed = now.get();
        Eventually.holds("asked again", () -> {
            // in small steps: the token must not expire before the first answer is there
            advance(Duration.ofMillis(25));
            assertEquals(first, fetch());
            return agent.tokenRequests.size() > 2;
        });
        assertTrue(now.get().isAfter(failed.plusSeconds(5)), "asked again without a pause");

        advance(Duration.ofMinutes(4));
        var expired = assertThrows(WorkloadApiException.class, this::fetch);
        assertEquals(Status.Code.UNAVAILABLE, expired.code());
    }

    @Test
    void tokenOfALostIdentityIsForgotten() throws Exception {
        var first = token();
        assertEquals(first, fetch());
        agent.jwt.refuse(Status.PERMISSION_DENIED.withDescription("no identity issued"));

        advance(Duration.ofMinutes(3));
        assertEquals(first, fetch());

        Eventually.holds("nothing is given any more", () -> {
            try {
                return fetch().isEmpty();
            } catch (WorkloadApiException e) {
                return e.code() == Status.Code.PERMISSION_DENIED;
            }
        });
        var second = token();
        assertEquals(second, fetch());
    }

    @Test
    void manyWhoWaitForOneTokenAskOnce() throws Exception {
        var begun = new CountDownLatch(30);
        var answers = new ArrayList<CompletableFuture<JwtSvid>>();
        for (int i = 0; i < 30; i++) {
            answers.add(begin(begun));
        }
        begun.await();
        Eventually.holds("asked", () -> !agent.tokenRequests.isEmpty());

        var sent = token();

        for (var answer : answers) {
            assertEquals(sent, answer.get(20, TimeUnit.SECONDS).token());
        }
        assertEquals(1, agent.tokenRequests.size());
    }

    @Test
    void waitIsBoundedByTheTimeoutOfTheClient() throws Exception {
        try (var hasty = connect(Duration.ofMillis(100));
                var impatient = new JwtSource(hasty)) {
            var late = assertThrows(WorkloadApiException.class, () -> impatient.svid(X));
            assertEquals(Status.Code.DEADLINE_EXCEEDED, late.code());
        }
    }

    @Test
    void waitEndsWithAnInterruption() throws Exception {
        var outcome = new CompletableFuture<Boolean>();
        var thread = Thread.ofVirtual().start(() -> {
            try {
                outcome.complete(source.svid(X).token().isEmpty());
            } catch (InterruptedException e) {
                outcome.complete(true);
            }
        });
        Eventually.holds("asked", () -> !agent.tokenRequests.isEmpty());
        thread.interrupt();
        assertEquals(true, outcome.get(20, TimeUnit.SECONDS));
    }

    @Test
    void closedSourceEndsTheWaitAndGivesNothing() throws Exception {
        var waiting = begin(new CountDownLatch(1));
        Eventually.holds("asked", () -> !agent.tokenRequests.isEmpty());

        source.close();

        var ended = assertThrows(ExecutionException.class, () -> waiting.get(20, TimeUnit.SECONDS));
        assertEquals(
                "fetch JWT-SVIDs: CANCELLED: this source of tokens is closed",
                assertInstanceOf(WorkloadApiException.class, ended.getCause()).getMessage());
        token();
        var closed = assertThrows(WorkloadApiException.class, this::fetch);
        assertEquals(Status.Code.CANCELLED, closed.code());
        assertEquals(1, agent.tokenRequests.size());
    }

    @Test
    void closedSourceForgetsWhatItHeld() throws Exception {
        token();
        fetch();
        source.close();
        var closed = assertThrows(WorkloadApiException.class, this::fetch);
        assertEquals(Status.Code.CANCELLED, closed.code());
    }

    @Test
    void theOneAskedForLongestAgoMakesRoom() throws Exception {
        token();
        for (int i = 0; i < 1_001; i++) {
            source.svid(Set.of("audience " + i));
        }
        source.svid(Set.of("audience 1"));
        assertEquals(1_001, agent.tokenRequests.size());

        source.svid(Set.of("audience 0"));
        assertEquals(1_002, agent.tokenRequests.size());
    }
}
