// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static io.countersign.workloadapi.TestAuthority.ABROAD;
import static io.countersign.workloadapi.TestAuthority.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class X509SourceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final TestAuthority home = new TestAuthority(HOME);

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    private TestAgent agent() throws IOException {
        var agent = new TestAgent(folder.resolve("agent.sock"));
        opened.add(agent);
        return agent;
    }

    private X509Source source(Duration patience) throws InterruptedException {
        var client = WorkloadApiClient.connect("unix://" + folder + "/agent.sock");
        opened.add(client);
        var source = X509Source.open(client, patience);
        opened.add(source);
        return source;
    }

    @Test
    void firstIdentityIsWaitedFor() throws Exception {
        var agent = agent();
        agent.x509.refuse(Status.PERMISSION_DENIED);
        var opening = new CompletableFuture<X509Source>();
        Thread.ofVirtual().start(() -> {
            try {
                opening.complete(source(PATIENCE));
            } catch (Exception e) {
                opening.completeExceptionally(e);
            }
        });
        Eventually.holds("asked", () -> !agent.x509.calls().isEmpty());

        var svid = home.issue("/a");
        agent.x509.push(home.response(svid));

        var source = opening.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertEquals(svid, source.svid());
        assertEquals(Optional.of(home.bundle()), source.bundle(HOME));
        assertEquals(Optional.empty(), source.bundle(ABROAD));
    }

    @Test
    void newestIsAtHandAndOutlivesTheAgent() throws Exception {
        var agent = agent();
        agent.x509.push(home.response(home.issue("/a")));
        var source = source(PATIENCE);
        var newest = home.issue("/a");
        agent.x509.push(home.response(newest));
        Eventually.holds("newest", () -> source.svid().equals(newest));

        agent.close();
        opened.remove(agent);
        assertEquals(newest, source.svid());
        assertEquals(Optional.of(home.bundle()), source.bundle(HOME));

        var later = home.issue("/a");
        agent().x509.push(home.response(later));
        Eventually.holds("the next agent is found", () -> source.svid().equals(later));
    }

    @Test
    void whatIsTakenBackIsNotUsedAnyMore() throws Exception {
        var agent = agent();
        var abroad = new TestAuthority(ABROAD);
        var first = home.issue("/a");
        var second = home.issue("/b").withHint("b");
        agent.x509.push(home.response(first, second).toBuilder()
                .putFederatedBundles(ABROAD.idString(), abroad.der())
                .build());
        var source = source(PATIENCE);
        assertEquals(Optional.of(second), source.context().svidWithHint("b"));
        assertEquals(Optional.of(abroad.bundle()), source.bundle(ABROAD));

        agent.x509.push(home.response(first));
        Eventually.holds("the second is gone", () -> source.context().svids().equals(List.of(first)));
        assertEquals(Optional.empty(), source.context().svidWithHint("b"));
        assertEquals(Optional.empty(), source.bundle(ABROAD));

        agent.x509.refuse(Status.PERMISSION_DENIED.withDescription("no identity issued"));
        Eventually.holds("nobody is trusted", () -> source.bundle(HOME).isEmpty());
        var denied = assertThrows(WorkloadApiException.class, source::svid);
        assertEquals("watch X.509-SVIDs: PERMISSION_DENIED: no identity issued", denied.getMessage());

        agent.x509.push(home.response(first));
        Eventually.holds("registered again", () -> source.svid().equals(first));
    }

    @Test
    void ofEqualHintsTheFirstCountsAndNothingTakesThePlaceOfAMissingOne() throws Exception {
        var first = home.issue("/a").withHint("same");
        agent().x509
                .push(home.response(
                        home.issue("/default"), first, home.issue("/b").withHint("same")));

        var context = source(PATIENCE).context();

        assertEquals(Optional.of(first), context.svidWithHint("same"));
        assertEquals(Optional.empty(), context.svidWithHint("missing"));
    }

    @Test
    void waitEndsWithTheLastWordsOfTheAgent() throws Exception {
        var agent = agent();
        agent.x509.refuse(Status.PERMISSION_DENIED.withDescription("no identity issued"));

        // on a slow machine the agent may not have said anything by then
        Eventually.holds("its words", () -> {
            var late = assertThrows(WorkloadApiException.class, () -> source(Duration.ofSeconds(2)));
            return "watch X.509-SVIDs: PERMISSION_DENIED: no identity issued".equals(late.getMessage());
        });
    }

    @Test
    void wrongRequestIsNotWaitedFor() throws Exception {
        agent().x509.refuse(Status.UNIMPLEMENTED);
        var began = Instant.now();

        var refused = assertThrows(WorkloadApiException.class, () -> source(Duration.ofMinutes(5)));

        assertEquals(Status.Code.UNIMPLEMENTED, refused.code());
        assertTrue(Duration.between(began, Instant.now()).compareTo(Duration.ofMinutes(1)) < 0);
    }

    @Test
    void failedOpeningLeavesNoStreamBehind() throws Exception {
        var agent = agent();
        assertThrows(WorkloadApiException.class, () -> source(Duration.ofMillis(200)));
        Eventually.holds("the stream is closed", () -> !agent.x509.isFollowed());
    }
}
