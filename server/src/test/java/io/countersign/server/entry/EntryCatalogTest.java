// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.Store;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.server.Eventually;
import io.countersign.server.TestConfig;
import io.countersign.spiffe.SpiffeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is in memory is what is in the database, whatever has happened. */
@ParameterizedClass
@EnumSource(Store.class)
@Timeout(60)
class EntryCatalogTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Store store;

    @TempDir
    Path folder;

    private Store.Opened opened;
    private ChangeFeed feed;
    private Entries entries;
    private EntryCatalog catalog;

    EntryCatalogTest(Store store) {
        this.store = store;
    }

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        feed = new ChangeFeed(opened.database()).start();
        entries = new Entries(opened.database());
        catalog = new EntryCatalog(TestConfig.DOMAIN, entries, feed);
    }

    @AfterEach
    void close() {
        catalog.close();
        feed.close();
        opened.close();
    }

    private static RegistrationEntry entry(int number, String path, String parent) {
        return new RegistrationEntry(
                "e" + number,
                TestConfig.id(path),
                TestConfig.id(parent),
                Set.of(new Selector("test", String.valueOf(number))),
                Terms.STANDARD,
                Optional.empty(),
                0,
                NOW);
    }

    private void assertSameAsStored() {
        var stored = entries.list();
        var snapshot = catalog.current();
        assertEquals(stored, snapshot.rows().values().toList());
        assertEquals(stored.size(), snapshot.size());
        for (int i = 0; i < 5; i++) {
            var id = TestConfig.id("/id" + i);
            var parent = TestConfig.id("/parent" + i);
            assertEquals(giving(stored, id), snapshot.of(id));
            assertEquals(
                    stored.stream()
                            .map(Row::value)
                            .filter(entry -> entry.parentId().equals(parent))
                            .toList(),
                    snapshot.below(parent));
        }
    }

    private static List<RegistrationEntry> giving(List<Row<RegistrationEntry>> stored, SpiffeId id) {
        return stored.stream()
                .map(Row::value)
                .filter(entry -> entry.spiffeId().equals(id))
                .toList();
    }

    @Test
    void afterEachOfManyChangesItIsWhatIsStored() {
        var random = new Random(11);
        for (int i = 0; i < 150; i++) {
            var changed = entry(random.nextInt(30), "/id" + random.nextInt(5), "/parent" + random.nextInt(5));
            switch (random.nextInt(3)) {
                case 0 -> {
                    var _ = entries.delete(changed.id());
                }
                case 1 -> {
                    var _ = entries.replace(changed);
                }
                default -> {
                    var _ = entries.create(changed);
                }
            }
            if (i % 10 == 0) {
                assertSameAsStored();
            }
        }
        assertSameAsStored();
    }

    @Test
    void withoutAChangeNothingIsReadAgain() {
        var _ = entries.create(entry(1, "/id1", "/parent1"));
        assertSame(catalog.current(), catalog.current());
    }

    @Test
    void whatAnotherProcessChangesComesIn() throws IOException {
        try (var other = opened.another()) {
            var _ = new Entries(other)
                    .createAll(IntStream.range(0, 5)
                            .mapToObj(i -> entry(i, "/id" + i, "/parent"))
                            .toList());
            Eventually.holds("they are there", () -> catalog.current().size() == 5);
            assertSameAsStored();
        }
    }

    @Test
    void whoHasMissedWhatIsForgottenReadsEverything() throws Exception {
        var _ = entries.create(entry(1, "/id1", "/parent1"));
        long before = System.currentTimeMillis();
        while (System.currentTimeMillis() == before) {
            Thread.onSpinWait();
        }
        feed.prune(Duration.ZERO);

        assertSameAsStored();
        assertEquals(1, catalog.current().size());
    }

    /** As when another PostgreSQL takes over that has not got the last commits. */
    @Test
    void whatTheDatabaseHasLostIsGoneHereToo() {
        var _ = entries.create(entry(1, "/id1", "/parent1"));
        var _ = entries.create(entry(2, "/id2", "/parent1"));
        assertEquals(2, catalog.current().size());

        opened.database().write(handle -> {
            handle.execute("DELETE FROM registration_entries WHERE entry_id = 'e2'");
            handle.execute("DELETE FROM changes WHERE position = 2");
            handle.execute("UPDATE change_counter SET latest = 1");
        });

        Eventually.holds("it is gone", () -> catalog.current().size() == 1);
        assertSameAsStored();
    }
}
