// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.agent.node.NodeRefusedException;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.serverapi.types.Selector;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.countersign.workloadapi.X509Source;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent between a server and a workload. */
final class AgentTest {
    @TempDir
    private Path folder;

    private FakeServer server;
    private Optional<Agent> running = Optional.empty();
    private CompletableFuture<Boolean> ended = new CompletableFuture<>();

    @BeforeEach
    void open() throws IOException {
        server = FakeServer.start();
        server.tokens.add("token");
        server.change(here("a", "/web"));
    }

    @AfterEach
    void close() throws Exception {
        stop();
        server.close();
    }

    private Entry.Builder here(String id, String path) {
        var here = TestEndpoint.here();
        var selector = Selector.newBuilder().setType(here.type()).setValue(here.value());
        return server.entry(id, path).clearSelectors().addSelectors(selector);
    }

    private void start(Optional<String> token) throws IOException {
        var agent = new Agent(TestConfig.of(folder, server, token));
        var outcome = new CompletableFuture<Boolean>();
        Thread.ofVirtual().start(() -> {
            try {
                agent.run();
                outcome.complete(true);
            } catch (Exception e) {
                outcome.completeExceptionally(e);
            }
        });
        running = Optional.of(agent);
        ended = outcome;
    }

    private void stop() throws Exception {
        if (running.isPresent()) {
            running.get().stop();
            running = Optional.empty();
            ended.handle((fine, failure) -> fine != null || failure != null).get(20, TimeUnit.SECONDS);
        }
    }

    private WorkloadApiClient client() {
        return WorkloadApiClient.connect(folder.resolve("agent.sock").toString(), Duration.ofSeconds(20));
    }

    private X509Source source(WorkloadApiClient client) throws InterruptedException {
        return X509Source.open(client, Duration.ofSeconds(20));
    }

    @Test
    void workloadGetsItsIdentityAndATokenOfTheServer() throws Exception {
        start(Optional.of("token"));
        try (var client = client();
                var source = source(client)) {
            assertEquals(server.domain.id("/web"), source.svid().id());
            assertEquals(server.domain.id("/web"), client.fetchJwtSvid("x").id());
            Eventually.holds("its version", () -> server.versions.equals(List.of(Version.current())));
        }
        stop();
        assertFalse(Files.exists(folder.resolve("agent.sock")));
    }

    @Test
    void socketIsThereOnceTheNodeIsLetIn() throws Exception {
        server.goAway();
        start(Optional.of("token"));
        try (var client = client()) {
            var early = assertThrows(WorkloadApiException.class, client::fetchX509Context);
            assertEquals(Status.Code.UNAVAILABLE, early.code());

            server.comeBack();
            try (var source = source(client)) {
                assertEquals(server.domain.id("/web"), source.svid().id());
            }
        }
    }

    @Test
    void agentThatIsStartedAgainNeedsNoToken() throws Exception {
        start(Optional.of("token"));
        try (var client = client();
                var source = source(client)) {
            var first = source.svid();
            stop();
            assertEquals(first, source.svid());

            start(Optional.empty());
            Eventually.holds(
                    "the next agent's certificate", () -> !source.svid().equals(first));
        }
        assertEquals(1, server.attestations.get());
    }

    @Test
    void workloadsAreServedWhileTheServerIsAwayAndChangesFollow() throws Exception {
        start(Optional.of("token"));
        try (var client = client();
                var source = source(client)) {
            server.goAway();
            assertEquals(source.svid(), client.fetchX509Context().defaultSvid());

            server.change(here("a", "/renamed").setRevisionNumber(7));
            server.comeBack();
            Eventually.holds("the change", () -> source.svid().id().equals(server.domain.id("/renamed")));
        }
    }

    @Test
    void bannedAgentEndsWithTheReasonAndStartsOnlyWithANewToken() throws Exception {
        start(Optional.of("token"));
        try (var client = client();
                var source = source(client)) {
            assertEquals(server.domain.id("/web"), source.svid().id());
            server.refuse(Reason.AGENT_BANNED);
            var failure = assertThrows(ExecutionException.class, () -> ended.get(20, TimeUnit.SECONDS));
            assertInstanceOf(NodeRefusedException.class, failure.getCause());
        }
        assertFalse(Files.exists(folder.resolve("agent.sock")));
        start(Optional.empty());
        var failure = assertThrows(ExecutionException.class, () -> ended.get(20, TimeUnit.SECONDS));
        assertInstanceOf(NodeRefusedException.class, failure.getCause());
    }
}
