// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.Eventually;
import io.countersign.server.Replies;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import io.countersign.serverapi.watch.WatchGrpc;
import io.countersign.serverapi.watch.WatchNodeRequest;
import io.countersign.serverapi.watch.WatchNodeResponse;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WatchTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Replies<WatchNodeResponse> watch(X509Svid agent) {
        var replies = new Replies<WatchNodeResponse>();
        TestServer.waiting(WatchGrpc.newStub(server.as(agent)))
                .watchNode(WatchNodeRequest.getDefaultInstance(), replies);
        return replies;
    }

    /** Past the first word and past what was before it, which is told once more if it is read with what comes later. */
    private Replies<WatchNodeResponse> settled(X509Svid agent) throws Exception {
        var replies = watch(agent);
        replies.next();
        create(agent.id(), "/settled");
        replies.next();
        return replies;
    }

    private String create(SpiffeId parent, String path) {
        return server.entries()
                .batchCreateEntry(BatchCreateEntryRequest.newBuilder()
                        .addEntries(Entry.newBuilder()
                                .setParentId(Ids.message(parent))
                                .setSpiffeId(Ids.message(TestConfig.id(path)))
                                .addSelectors(
                                        Selector.newBuilder().setType("unix").setValue("uid:1")))
                        .build())
                .getResults(0)
                .getEntry()
                .getId();
    }

    @Test
    void aNodeHearsOfItsEntriesAndNotOfThoseOfOthers() throws Exception {
        var agent = server.join();
        var other = server.join();
        var own = settled(agent);
        var others = settled(other);

        var id = create(agent.id(), "/web");
        assertTrue(own.next().getEntriesOnly(), "nothing else has changed");
        server.entries()
                .batchDeleteEntry(
                        BatchDeleteEntryRequest.newBuilder().addIds(id).build());
        own.next();

        create(other.id(), "/db");
        others.next();
        assertTrue(others.isEmpty(), "a node heard of another one's entry");
    }

    @Test
    void everyNodeHearsOfTheBundle() throws Exception {
        var one = settled(server.join());
        var two = settled(server.join());

        var _ = TestServer.waiting(LocalAuthorityGrpc.newBlockingStub(server.local()))
                .prepareX509Authority(PrepareX509AuthorityRequest.getDefaultInstance());

        assertFalse(one.next().getEntriesOnly(), "a bundle has changed");
        two.next();
    }

    @Test
    void aBannedNodeHearsItAndIsThenRefused() throws Exception {
        var agent = server.join();
        var words = settled(agent);

        var _ = server.agents()
                .banAgent(BanAgentRequest.newBuilder()
                        .setId(Ids.message(agent.id()))
                        .build());

        words.next();
        Eventually.holds("refused", () -> code(watch(agent)) == Code.PERMISSION_DENIED);
    }

    @Test
    void onlyNodesMayWatch() throws Exception {
        var stranger = server.mint(TestConfig.id("/web"));
        assertEquals(Code.PERMISSION_DENIED, code(watch(stranger)));
    }

    @Test
    void ofTooManyWatchesOfANodeTheOldestEnds() throws Exception {
        var agent = server.join();
        var oldest = watch(agent);
        oldest.next();
        var others = new ArrayList<Replies<WatchNodeResponse>>();
        for (int i = 0; i < WatchService.MOST; i++) {
            others.add(watch(agent));
            others.getLast().next();
        }

        assertEquals(Optional.empty(), oldest.end());
        create(agent.id(), "/web");
        for (var other : others) {
            other.next();
        }
    }

    @Test
    void aStatusThatIsReportedAgainIsNoNews() throws Exception {
        var agent = server.join();
        var words = settled(agent);
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(agent)));
        var status = PostStatusRequest.newBuilder().setAgentVersion("1.2.3").build();

        var _ = agents.postStatus(status);
        assertFalse(words.next().getEntriesOnly(), "the node itself has changed");
        var _ = agents.postStatus(status);

        create(agent.id(), "/web");
        assertTrue(words.next().getEntriesOnly(), "nothing but an entry has changed");
    }

    private static Code code(Replies<?> ended) throws Exception {
        return Status.fromThrowable(ended.end().orElseThrow()).getCode();
    }
}
