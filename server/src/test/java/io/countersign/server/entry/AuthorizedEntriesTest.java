// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.datastore.Database;
import io.countersign.datastore.Selector;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.EntryGrpc.EntryBlockingStub;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which entries an agent may serve. */
@Timeout(60)
class AuthorizedEntriesTest {
    private static final SpiffeId SERVER = TestConfig.id("/spire/server");
    private static final SpiffeId CLUSTER = TestConfig.id("/cluster");

    @TempDir
    Path folder;

    private TestServer server;
    private X509Svid svid;
    private EntryBlockingStub agent;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        svid = server.join();
        agent = stub(svid);
        knows("k8s:cluster:demo", "k8s:zone:a");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private EntryBlockingStub stub(X509Svid of) {
        return TestServer.waiting(EntryGrpc.newBlockingStub(server.as(of)));
    }

    /** What an attestor of the original would have found out about the node. */
    private void knows(String... selectors) throws IOException {
        try (var database = Database.open(server.config.datastore().database())) {
            var nodes = new AttestedNodes(database);
            var node = nodes.find(svid.id()).orElseThrow();
            var known = AttestedNode.fresh(
                    node.id(),
                    node.attestationType(),
                    node.current().orElseThrow(),
                    node.canReattest(),
                    Set.of(selectors).stream()
                            .map(text -> text.split(":", 2))
                            .map(parts -> new Selector(parts[0], parts[1]))
                            .collect(Collectors.toSet()));
            var _ = nodes.admit(known, false);
        }
    }

    private void add(String id, SpiffeId parent, String path, String... selectors) {
        var _ = server.create(
                TestServer.entry(parent, TestConfig.id(path), selectors).setId(id));
    }

    private static Set<String> served(EntryBlockingStub by) {
        return by.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance()).getEntriesList().stream()
                .map(Entry::getId)
                .collect(Collectors.toSet());
    }

    @Test
    void itsOwnAndWhatIsBelowThem() {
        add("child", svid.id(), "/child", "unix:uid:1");
        add("grandchild", TestConfig.id("/child"), "/grandchild", "unix:uid:2");
        add("foreign", TestConfig.id("/elsewhere"), "/foreign", "unix:uid:3");

        assertEquals(Set.of("child", "grandchild"), served(agent));
    }

    @Test
    void whatIsBelowEachAliasWhoseSelectorsTheNodeHas() {
        add("alias", SERVER, "/cluster", "k8s:cluster:demo");
        add("both", SERVER, "/zone", "k8s:cluster:demo", "k8s:zone:a");
        add("not-all", SERVER, "/other-zone", "k8s:cluster:demo", "k8s:zone:b");
        add("below-alias", CLUSTER, "/backend", "unix:uid:1");
        add("below-both", TestConfig.id("/zone"), "/frontend", "unix:uid:2");
        add("below-not-all", TestConfig.id("/other-zone"), "/intruder", "unix:uid:3");

        assertEquals(Set.of("below-alias", "below-both"), served(agent));
    }

    @Test
    void anEntryThatTwoWaysLeadToComesOnce() {
        add("alias", SERVER, "/cluster", "k8s:cluster:demo");
        add("same", svid.id(), "/cluster", "unix:uid:1");
        add("child", CLUSTER, "/child", "unix:uid:2");

        var entries = agent.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                .getEntriesList();

        assertEquals(Set.of("same", "child"), served(agent));
        assertEquals(2, entries.size());
    }

    @Test
    void aCircleOfParentsEnds() {
        add("start", svid.id(), "/a", "unix:uid:1");
        add("there", TestConfig.id("/a"), "/b", "unix:uid:2");
        add("back", TestConfig.id("/b"), "/a", "unix:uid:3");
        add("self", TestConfig.id("/b"), "/b", "unix:uid:4");

        assertEquals(Set.of("start", "there", "back", "self"), served(agent));
    }

    @Test
    void eachAgentHasItsOwn() throws Exception {
        var other = server.join();
        add("mine", svid.id(), "/mine", "unix:uid:1");
        add("others", other.id(), "/other", "unix:uid:1");

        assertEquals(Set.of("mine"), served(agent));
        assertEquals(Set.of("others"), served(stub(other)));
    }

    @Test
    void aChangeIsSeenByTheNextCall() {
        assertEquals(Set.of(), served(agent));
        add("e", svid.id(), "/e", "unix:uid:1");
        assertEquals(Set.of("e"), served(agent));

        var _ = server.entries()
                .batchDeleteEntry(
                        BatchDeleteEntryRequest.newBuilder().addIds("e").build());

        assertEquals(Set.of(), served(agent));
    }

    @Test
    void onlyWhatTheMaskNamesIsShown() {
        add("e", svid.id(), "/e", "unix:uid:1");

        var entries = agent.getAuthorizedEntries(GetAuthorizedEntriesRequest.newBuilder()
                        .setOutputMask(EntryMask.newBuilder().setParentId(true))
                        .build())
                .getEntriesList();

        assertEquals(1, entries.size());
        assertEquals("e", entries.getFirst().getId());
        assertEquals(svid.id().path(), entries.getFirst().getParentId().getPath());
        assertEquals(false, entries.getFirst().hasSpiffeId());
    }
}
