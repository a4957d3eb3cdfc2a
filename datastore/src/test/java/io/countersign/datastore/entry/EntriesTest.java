// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.Store;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class EntriesTest {
    private final Store store;

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SpiffeId NODE = SpiffeId.parse("spiffe://example.org/node/local");
    private static final SpiffeId BACKEND = SpiffeId.parse("spiffe://example.org/ns/demo/sa/backend");

    private static final TrustDomain OTHER = new TrustDomain("other.org");

    @TempDir
    Path folder;

    EntriesTest(Store store) {
        this.store = store;
    }

    private Store.Opened opened;
    private Database database;
    private Entries entries;

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        use(opened.database());
    }

    private void use(Database open) {
        database = open;
        entries = new Entries(database);
    }

    @AfterEach
    void close() {
        opened.close();
    }

    private static RegistrationEntry entry(String id, String... uids) {
        var selectors = List.of(uids).stream()
                .map(uid -> new Selector("unix", "uid:" + uid))
                .toList();
        return new RegistrationEntry(
                id, BACKEND, NODE, Set.copyOf(selectors), Terms.STANDARD, Optional.empty(), 0, NOW);
    }

    private RegistrationEntry made(RegistrationEntry entry) {
        return assertInstanceOf(Created.Fresh.class, entries.create(entry)).entry();
    }

    private List<RegistrationEntry> values() {
        return entries.list().stream().map(Row::value).toList();
    }

    @Test
    void everyFieldIsThereAfterARestart() throws IOException {
        var terms = new Terms(
                Duration.ofSeconds(20),
                Duration.ofMinutes(1),
                Set.of(OTHER),
                List.of("zz.demo", "aa.demo"),
                true,
                true,
                true,
                "internal",
                true,
                true);
        var selectors = Set.of(new Selector("unix", "uid:7"), new Selector("unix", "path:/a:b"));
        var entry = new RegistrationEntry("e", BACKEND, NODE, selectors, terms, Optional.of(NOW), 0, NOW);
        new FederatedBundles(database).set(FederatedBundle.of(TrustBundle.ofX509(OTHER, List.of())));
        var _ = made(entry);

        use(opened.again());

        assertEquals(List.of(entry), values());
    }

    @Test
    void noEntryFederatesWithATrustDomainWhoseBundleIsNotThere() {
        var plain = entry("e", "1");
        var federated = new RegistrationEntry(
                "e",
                BACKEND,
                NODE,
                plain.selectors(),
                new Terms(
                        Duration.ZERO, Duration.ZERO, Set.of(OTHER), List.of(), false, false, false, "", false, false),
                Optional.empty(),
                0,
                NOW);

        assertEquals(new Created.UnknownBundle(OTHER), entries.create(federated));
        assertEquals(List.of(), values());
        var _ = made(plain);
        assertEquals(new Replaced.UnknownBundle(OTHER), entries.replace(federated));
        assertEquals(List.of(plain), values());
    }

    @Test
    void theSameSelectorsInAnotherOrderAreTheSame() {
        var first = assertInstanceOf(Created.Fresh.class, entries.create(entry("one", "1", "2")));

        var second = assertInstanceOf(Created.Similar.class, entries.create(entry("two", "2", "1")));

        assertEquals(first.entry(), second.entry());
        assertEquals(1, entries.list().size());
    }

    @Test
    void fewerSelectorsAreAnotherEntry() {
        var _ = entries.create(entry("one", "1", "2"));

        assertInstanceOf(Created.Fresh.class, entries.create(entry("two", "1")));
        assertInstanceOf(Created.Taken.class, entries.create(entry("two", "9")));
    }

    @Test
    void ofManyAtOnceOneIsMade() throws Exception {
        List<Callable<Created>> tries = IntStream.range(0, 16)
                .mapToObj(i -> (Callable<Created>) () -> entries.create(entry("e" + i, "1")))
                .toList();

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int fresh = 0;
            for (var created : threads.invokeAll(tries)) {
                fresh += created.get() instanceof Created.Fresh ? 1 : 0;
            }
            assertEquals(1, fresh);
        }
        assertEquals(1, entries.list().size());
    }

    @Test
    void aReplacementIsOneRevisionOn() {
        var _ = entries.create(entry("e", "1", "2"));

        var replaced = assertInstanceOf(Replaced.Done.class, entries.replace(entry("e", "3")))
                .entry();

        assertEquals(1, replaced.revision());
        assertEquals(Set.of(new Selector("unix", "uid:3")), replaced.selectors());
        assertEquals(Optional.of(replaced), entries.find("e"));
        assertInstanceOf(Replaced.Missing.class, entries.replace(entry("unknown", "1")));
    }

    @Test
    void noEntryBecomesWhatAnotherOneIs() {
        var other = made(entry("one", "1"));
        var old = made(entry("two", "2"));

        assertEquals(new Replaced.Similar(other), entries.replace(entry("two", "1")));
        assertEquals(Optional.of(old), entries.find("two"));
        assertInstanceOf(Replaced.Done.class, entries.replace(entry("two", "2")));
    }

    @Test
    void whatIsDeletedIsGone() {
        var _ = entries.create(entry("e", "1"));

        assertTrue(entries.delete("e"));
        assertFalse(entries.delete("e"));
        assertEquals(List.of(), entries.list());
        assertInstanceOf(Created.Fresh.class, entries.create(entry("e", "1")));
    }

    @Test
    void onlyWhatHasExpiredIsPruned() {
        var lasting = made(entry("lasting", "1"));
        var ending = new RegistrationEntry(
                "ending",
                BACKEND,
                NODE,
                Set.of(new Selector("unix", "uid:2")),
                Terms.STANDARD,
                Optional.of(NOW.plusSeconds(5)),
                0,
                NOW);
        var _ = entries.create(ending);

        assertEquals(List.of(), entries.prune(NOW));
        assertEquals(List.of(ending), entries.prune(NOW.plusSeconds(5)));
        assertEquals(List.of(lasting), values());
    }
}
