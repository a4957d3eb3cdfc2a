// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.Selector;
import io.countersign.datastore.Store;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.TrustedAuthorities;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.DeleteMode;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.datastore.federation.FederationRelationship;
import io.countersign.datastore.federation.FederationRelationships;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class ChangeFeedTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final SpiffeId NODE = SpiffeId.parse("spiffe://example.org/spire/agent/join_token/t");
    private static final TrustDomain OTHER = new TrustDomain("other.org");

    private final Store store;

    @TempDir
    Path folder;

    ChangeFeedTest(Store store) {
        this.store = store;
    }

    private Store.Opened opened;
    private Database database;
    private ChangeFeed feed;
    private Entries entries;

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        database = opened.database();
        feed = new ChangeFeed(database).start();
        entries = new Entries(database);
    }

    @AfterEach
    void close() {
        feed.close();
        opened.close();
    }

    private static RegistrationEntry entry(String id, TrustDomain... federated) {
        var terms = new Terms(
                Duration.ZERO, Duration.ZERO, Set.of(federated), List.of(), false, false, false, "", false, false);
        return new RegistrationEntry(id, NODE, NODE, Set.of(new Selector("test", id)), terms, Optional.empty(), 0, NOW);
    }

    private List<Change> changes(long after) {
        return assertInstanceOf(Since.Changes.class, feed.since(after)).changes();
    }

    private static Change change(Kind kind, String item) {
        return new Change(kind, item);
    }

    @Test
    void entriesAreToldOfOneByOneInTheOrderOfTheirChanges() {
        var _ = entries.createAll(List.of(entry("a"), entry("b"), entry("a")));
        var _ = entries.replace(entry("b"));
        var _ = entries.deleteAll(List.of("a", "unknown"));

        assertEquals(
                List.of(
                        change(Kind.ENTRY, "a"),
                        change(Kind.ENTRY, "b"),
                        change(Kind.ENTRY, "b"),
                        change(Kind.ENTRY, "a")),
                changes(0));
        assertEquals(List.of(change(Kind.ENTRY, "a")), changes(3));
        assertEquals(4, feed.position());
    }

    @Test
    void whatSeveralAskForIsReadOnce() {
        var _ = entries.createAll(List.of(entry("a")));
        var first = feed.since(0);
        assertSame(first, feed.since(0));

        var _ = entries.createAll(List.of(entry("b")));
        assertEquals(List.of(change(Kind.ENTRY, "a"), change(Kind.ENTRY, "b")), changes(0));
        assertEquals(Optional.of(Set.of("a", "b")), feed.since(0).items(Kind.ENTRY));
        assertEquals(Optional.of(Set.of()), feed.since(0).items(Kind.NODE));
    }

    @Test
    void whatChangesNothingIsNotToldOf() {
        var nodes = new AttestedNodes(database);
        var _ = nodes.ban(NODE);
        var _ = nodes.delete(NODE);
        var _ = entries.delete("unknown");
        var _ = new FederationRelationships(database).delete(OTHER);

        assertEquals(List.of(), changes(0));
    }

    @Test
    void nodesBundlesAndRelationshipsAreToldOf() {
        var nodes = new AttestedNodes(database);
        var _ = nodes.admit(AttestedNode.fresh(NODE, "join_token", new Certified("1", NOW), false, Set.of()), false);
        var _ = nodes.ban(NODE);
        var _ = new TrustedAuthorities(database)
                .add(new TrustedAuthority(AuthorityRecord.Kind.X509, "id", "material", NOW, false));
        var _ = new FederationRelationships(database)
                .create(
                        new FederationRelationship(
                                OTHER, BundleEndpoint.parse("https://other.org", new BundleEndpoint.HttpsWeb())),
                        Optional.of(FederatedBundle.of(TrustBundle.ofX509(OTHER, List.of()))));

        assertEquals(
                List.of(
                        change(Kind.NODE, NODE.toString()),
                        change(Kind.NODE, NODE.toString()),
                        change(Kind.BUNDLE, ""),
                        change(Kind.RELATIONSHIP, OTHER.name()),
                        change(Kind.FEDERATED_BUNDLE, OTHER.name())),
                changes(0));
    }

    @Test
    void theEntriesOfADeletedBundleAreToldOf() {
        var bundles = new FederatedBundles(database);
        bundles.set(FederatedBundle.of(TrustBundle.ofX509(OTHER, List.of())));
        var _ = entries.create(entry("e", OTHER));
        long before = feed.position();

        var _ = bundles.delete(OTHER, DeleteMode.DISSOCIATE);

        assertEquals(List.of(change(Kind.ENTRY, "e"), change(Kind.FEDERATED_BUNDLE, OTHER.name())), changes(before));
    }

    @Test
    void whatIsRolledBackLeavesNoGap() {
        assertThrows(
                IllegalStateException.class,
                () -> database.write(handle -> {
                    ChangeLog.append(database, handle, Kind.ENTRY, "lost");
                    throw new IllegalStateException("on purpose");
                }));
        assertEquals(0, feed.position());

        var _ = entries.create(entry("a"));

        assertEquals(List.of(change(Kind.ENTRY, "a")), changes(0));
        assertEquals(1, feed.position());
    }

    @Test
    void whoWaitsIsWokenByAChangeOfThisProcess() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var woken = threads.submit(() -> feed.await(0, BOUND));
            var _ = entries.create(entry("a"));
            assertTrue(woken.get());
        }
        assertFalse(feed.await(feed.position(), Duration.ofMillis(1)));
    }

    @Test
    void whoWaitsIsWokenByAChangeOfAnotherProcess() throws Exception {
        try (var other = opened.another()) {
            var _ = new Entries(other).create(entry("a"));
            assertTrue(feed.await(0, BOUND));
            assertEquals(List.of(change(Kind.ENTRY, "a")), changes(0));
        }
    }

    /** Positions must be in the order of commits: a reader that has seen one must never find an earlier one later. */
    @Test
    void aReaderMissesNothingWhileTwoProcessesWrite() throws Exception {
        int each = 40;
        try (var other = opened.another();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var elsewhere = new Entries(other);
            var reader = threads.submit((Callable<List<Change>>) () -> {
                var seen = new ArrayList<Change>();
                long position = 0;
                while (seen.size() < 2 * each) {
                    assertTrue(feed.await(position, BOUND));
                    var since = assertInstanceOf(Since.Changes.class, feed.since(position));
                    assertEquals(since.position() - position, since.changes().size());
                    seen.addAll(since.changes());
                    position = since.position();
                }
                return seen;
            });
            List<Callable<Object>> writers = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                var here = entry("here" + i);
                var there = entry("there" + i);
                writers.add(() -> entries.create(here));
                writers.add(() -> elsewhere.create(there));
            }
            for (var done : threads.invokeAll(writers)) {
                var _ = done.get();
            }
            assertEquals(2 * each, Set.copyOf(reader.get()).size());
        }
    }

    @Test
    void whoHasNotReadWhatIsForgottenReadsEverything() throws Exception {
        var _ = entries.create(entry("a"));
        long before = System.currentTimeMillis();
        while (System.currentTimeMillis() == before) {
            Thread.onSpinWait();
        }
        feed.prune(Duration.ZERO);
        var _ = entries.create(entry("b"));

        assertEquals(new Since.Unknown(2), feed.since(0));
        assertEquals(List.of(change(Kind.ENTRY, "b")), changes(1));
        assertInstanceOf(Update.All.class, entries.since(0));
        assertInstanceOf(Update.Some.class, entries.since(1));
    }

    @Test
    void whoHasReadMoreThanThereIsReadsEverything() {
        assertEquals(new Since.Unknown(0), feed.since(5));
        assertEquals(new Since.Unknown(0), feed.since(ChangeLog.NOWHERE));
    }

    @Test
    void anUpdateSaysWhatIsThereNow() {
        var _ = entries.createAll(List.of(entry("a"), entry("b")));
        long before = feed.position();
        var _ = entries.replace(entry("b"));
        var _ = entries.create(entry("c"));
        var _ = entries.delete("a");
        var _ = entries.delete("c");

        var update = assertInstanceOf(Update.Some.class, entries.since(before));

        assertEquals(Set.of("a", "b", "c"), update.items().keySet());
        assertEquals(Optional.empty(), update.items().get("a"));
        assertEquals(Optional.empty(), update.items().get("c"));
        assertEquals(Optional.of(entries.list().getFirst()), update.items().get("b"));
        assertEquals(feed.position(), update.position());
    }
}
