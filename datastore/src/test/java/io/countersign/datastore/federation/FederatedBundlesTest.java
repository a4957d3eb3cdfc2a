// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.Store;
import io.countersign.datastore.entry.Created;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class FederatedBundlesTest {
    private final Store store;

    private static final TrustDomain OTHER = new TrustDomain("other.org");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    FederatedBundlesTest(Store store) {
        this.store = store;
    }

    private Store.Opened opened;
    private Database database;
    private FederatedBundles bundles;
    private Entries entries;

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        use(opened.database());
    }

    private void use(Database open) {
        database = open;
        bundles = new FederatedBundles(database);
        entries = new Entries(database);
    }

    @AfterEach
    void close() {
        opened.close();
    }

    private static FederatedBundle bundle(TrustDomain domain, long sequence) {
        return FederatedBundle.of(new TrustBundle(domain, List.of(), List.of(), sequence, Optional.empty()));
    }

    private static JwtAuthority key(String id) throws NoSuchAlgorithmException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return new JwtAuthority(id, generator.generateKeyPair().getPublic());
    }

    private RegistrationEntry federated(String id) {
        var terms = new Terms(
                Duration.ZERO, Duration.ZERO, Set.of(OTHER), List.of(), false, false, false, "", false, false);
        var entry = new RegistrationEntry(
                id,
                SpiffeId.parse("spiffe://example.org/" + id),
                SpiffeId.parse("spiffe://example.org/node"),
                Set.of(new Selector("unix", "uid:1")),
                terms,
                Optional.empty(),
                0,
                NOW);
        return assertInstanceOf(Created.Fresh.class, entries.create(entry)).entry();
    }

    @Test
    void everyFieldIsThereAfterARestart() throws Exception {
        var whole = new FederatedBundle(
                new TrustBundle(OTHER, List.of(), List.of(key("b"), key("a")), 7, Optional.of(Duration.ofSeconds(300))),
                Map.of("a", NOW));
        bundles.set(whole);

        use(opened.again());

        assertEquals(Optional.of(whole), bundles.find(OTHER));
        assertEquals(1, bundles.count());
    }

    @Test
    void aBundleIsCreatedOnceAndReplacedInItsPlace() {
        assertTrue(bundles.create(bundle(OTHER, 1)));
        assertTrue(bundles.create(bundle(new TrustDomain("third.org"), 1)));
        assertFalse(bundles.create(bundle(OTHER, 2)));
        assertEquals(
                Optional.of(1L), bundles.find(OTHER).map(found -> found.bundle().sequenceNumber()));

        bundles.set(bundle(OTHER, 3));

        assertEquals(
                List.of(new Row<>(1, bundle(OTHER, 3)), new Row<>(2, bundle(new TrustDomain("third.org"), 1))),
                bundles.list());
        assertEquals(Optional.of(bundle(OTHER, 4)), bundles.update(OTHER, old -> bundle(OTHER, 4)));
        assertEquals(Optional.empty(), bundles.update(new TrustDomain("nobody.org"), old -> old));
    }

    @Test
    void entriesKeepABundleFromBeingDeleted() {
        bundles.set(bundle(OTHER, 1));
        var _ = federated("one");
        var _ = federated("two");

        assertEquals(new Deleted.Restricted(2), bundles.delete(OTHER, DeleteMode.RESTRICT));
        assertEquals(1, bundles.count());
        // and the database itself refuses what the check might miss
        assertThrows(
                UnableToExecuteStatementException.class,
                () -> database.write(handle -> handle.execute("DELETE FROM federated_bundles")));
    }

    @Test
    void entriesAreDeletedWithTheirBundle() {
        bundles.set(bundle(OTHER, 1));
        var _ = federated("one");

        assertEquals(new Deleted.Done(), bundles.delete(OTHER, DeleteMode.DELETE));
        assertEquals(new Deleted.Missing(), bundles.delete(OTHER, DeleteMode.DELETE));
        assertEquals(List.of(), entries.list());
    }

    @Test
    void entriesAreDissociatedAndOneRevisionOn() {
        bundles.set(bundle(OTHER, 1));
        var _ = federated("one");

        assertEquals(new Deleted.Done(), bundles.delete(OTHER, DeleteMode.DISSOCIATE));

        var left = entries.find("one").orElseThrow();
        assertEquals(Set.of(), left.terms().federatesWith());
        assertEquals(1, left.revision());
        assertEquals(0, bundles.count());
    }
}
