// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.agent.Eventually;
import io.countersign.agent.FakeServer;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever matches an entry gets the identity that it is for now, and never the one of before or the one to come. */
final class IdentityChangeTest {
    @TempDir
    private Path folder;

    private final List<Snapshot> seen = new CopyOnWriteArrayList<>();
    private RunningNode node;
    private FakeServer server;
    private Snapshots.Subscription seeing = () -> {};

    @BeforeEach
    void open() throws IOException {
        node = new RunningNode(folder);
        server = node.server;
        seeing = node.snapshots.subscribe(() -> seen.add(node.snapshots.current()));
    }

    @AfterEach
    void close() throws Exception {
        seeing.close();
        node.close();
    }

    private static RegistrationEntry entry(Snapshot snapshot, String id) {
        return Optional.ofNullable(snapshot.entries().get(id)).orElseThrow();
    }

    private RegistrationEntry entry() {
        return entry(node.snapshots.current(), "a");
    }

    /** Of the first edition, until something else is said. */
    private Entry.Builder entry(String path) {
        return server.entry("a", path);
    }

    private void put(Entry.Builder entry) {
        server.entries.put("a", entry.build());
    }

    private static Selector other() {
        return Selector.newBuilder().setType("unix").setValue("uid:1").build();
    }

    /** Until it is completed, or long enough for a test. */
    private CompletableFuture<Void> holdSigning() {
        var signing = new CompletableFuture<Void>().completeOnTimeout(null, 20, TimeUnit.SECONDS);
        server.beforeSigning = signing::join;
        return signing;
    }

    private void assertEachHadItsOwn() {
        for (var snapshot : seen) {
            snapshot.svids()
                    .forEach((id, issued) -> assertEquals(
                            entry(snapshot, id).spiffeId(), issued.svid().id()));
        }
    }

    @ParameterizedTest
    @CsvSource({"2,1", "1,2"})
    void anEntryOfAnotherIdentityHasNoCertificateBeforeItsOwn(long revision, long createdAt) throws Exception {
        put(entry("/web"));
        RunningNode.synchronised(node.start());
        var signing = holdSigning();

        put(entry("/other")
                .clearSelectors()
                .addSelectors(other())
                .setRevisionNumber(revision)
                .setCreatedAt(createdAt));
        node.interval();
        Eventually.holds("the entry has changed", () -> entry().spiffeId().equals(server.domain.id("/other")));
        assertEquals(Map.of(), node.snapshots.current().svids());

        signing.complete(null);
        Eventually.holds("its own certificate", () -> node.held("a").id().equals(server.domain.id("/other")));
        assertEachHadItsOwn();
    }

    @Test
    void anEntryWhoseSelectorsAloneChangeKeepsItsCertificateUntilTheNext() throws Exception {
        put(entry("/web"));
        RunningNode.synchronised(node.start());
        var before = node.held("a");
        var signing = holdSigning();

        put(entry("/web").clearSelectors().addSelectors(other()).setRevisionNumber(2));
        node.interval();
        Eventually.holds("the entry has changed", () -> entry().revision() == 2);
        assertEquals(before, node.held("a"));

        signing.complete(null);
        Eventually.holds("the next one", () -> !node.held("a").equals(before));
        assertEquals(before.id(), node.held("a").id());
    }

    @Test
    void anEntryThatWasMadeAnewGetsANewCertificate() throws Exception {
        put(entry("/web"));
        RunningNode.synchronised(node.start());
        var before = node.held("a");

        put(entry("/web").setCreatedAt(2));
        node.interval();

        Eventually.holds("a new certificate", () -> !node.held("a").equals(before));
    }

    @Test
    void aCertificateOfAnotherIdentityIsNotTakenAndTheEntriesAreAskedForAgain() throws Exception {
        RunningNode.synchronised(node.start());
        Eventually.holds("listening", () -> !server.watching.isEmpty());
        int calls = server.callers.size();

        server.signedAs.put("a", "/other");
        put(entry("/web"));
        server.pushEntries();
        Eventually.holds("asked again", () -> server.callers.size() == calls + 2);
        assertEquals(Map.of(), node.snapshots.current().svids());

        server.signedAs.clear();
        node.interval();
        Eventually.holds("its own certificate", () -> node.held("a").id().equals(server.domain.id("/web")));
        assertEachHadItsOwn();
    }
}
