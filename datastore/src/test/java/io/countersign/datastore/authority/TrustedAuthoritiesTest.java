// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.Store;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import io.countersign.datastore.authority.TrustedAuthorities.Published;
import io.countersign.datastore.authority.TrustedAuthorities.Revocation;
import io.countersign.datastore.authority.TrustedAuthorities.Tainting;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class TrustedAuthoritiesTest {
    private final Store store;

    private static final Instant END = Instant.parse("2026-01-01T00:00:00.250Z");

    @TempDir
    Path folder;

    TrustedAuthoritiesTest(Store store) {
        this.store = store;
    }

    private Store.Opened opened;
    private Database database;
    private TrustedAuthorities trusted;

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        use(opened.database());
    }

    private void use(Database open) {
        database = open;
        trusted = new TrustedAuthorities(database);
    }

    @AfterEach
    void close() {
        opened.close();
    }

    private static TrustedAuthority authority(Kind kind, String id, String material) {
        return new TrustedAuthority(kind, id, material, END, false);
    }

    private List<String> materials() {
        return trusted.published().authorities().stream()
                .map(TrustedAuthority::material)
                .toList();
    }

    private long number() {
        return trusted.published().sequenceNumber();
    }

    @Test
    void everyFieldIsThereAfterARestart() throws IOException {
        var tainted = new TrustedAuthority(Kind.JWT, "one", "a", END, true);
        trusted.add(tainted);
        use(opened.again());
        assertEquals(new Published(List.of(tainted), 1), trusted.published());
    }

    @Test
    void whatIsThereIsNotAddedAgainAndKeepsItsTaint() {
        assertTrue(trusted.add(authority(Kind.X509, "one", "a")));
        assertEquals(Tainting.DONE, trusted.taint(Kind.X509, "one"));
        assertFalse(trusted.add(authority(Kind.X509, "one", "a")));
        assertTrue(trusted.published().authorities().getFirst().tainted());
        assertEquals(2, number());
    }

    @Test
    void aLaterEndCounts() {
        trusted.add(authority(Kind.JWT, "one", "a"));
        assertTrue(trusted.add(new TrustedAuthority(Kind.JWT, "one", "a", END.plusSeconds(1), false)));
        assertFalse(trusted.add(authority(Kind.JWT, "one", "a")));
        assertEquals(
                END.plusSeconds(1), trusted.published().authorities().getFirst().notAfter());
    }

    @Test
    void twoCertificatesMayHaveOneKeyAndTwoKeysNotOneId() {
        trusted.add(authority(Kind.X509, "one", "a"));
        trusted.add(authority(Kind.X509, "one", "b"));
        trusted.add(authority(Kind.JWT, "one", "c"));
        assertThrows(IllegalArgumentException.class, () -> trusted.add(authority(Kind.JWT, "one", "d")));
        assertEquals(List.of("a", "b", "c"), materials());
    }

    @Test
    void severalAreAddedTogetherOrNotAtAll() {
        assertTrue(trusted.addAll(List.of(authority(Kind.JWT, "one", "a"), authority(Kind.X509, "two", "b"))));
        assertEquals(1, number());
        var conflict = List.of(authority(Kind.JWT, "three", "c"), authority(Kind.JWT, "one", "d"));
        assertThrows(IllegalArgumentException.class, () -> trusted.addAll(conflict));
        assertEquals(List.of("a", "b"), materials());
    }

    @Test
    void whatHasNoKnownEndIsNotPruned() {
        trusted.add(new TrustedAuthority(Kind.JWT, "one", "a", Instant.EPOCH, false));
        trusted.add(authority(Kind.JWT, "two", "b"));
        assertTrue(trusted.prune(END.plusSeconds(60)));
        assertEquals(List.of("a"), materials());
    }

    @Test
    void onlyWhatIsTaintedIsRevoked() {
        trusted.add(authority(Kind.X509, "one", "a"));
        trusted.add(authority(Kind.X509, "two", "b"));
        assertEquals(Revocation.UNKNOWN, trusted.revoke(Kind.JWT, "one"));
        assertEquals(Revocation.NOT_TAINTED, trusted.revoke(Kind.X509, "one"));
        assertEquals(2, number());
        assertEquals(Tainting.UNKNOWN, trusted.taint(Kind.JWT, "one"));
        assertEquals(Tainting.DONE, trusted.taint(Kind.X509, "one"));
        assertEquals(Tainting.TAINTED_BEFORE, trusted.taint(Kind.X509, "one"));
        assertEquals(Revocation.DONE, trusted.revoke(Kind.X509, "one"));
        assertEquals(List.of("b"), materials());
        assertEquals(4, number());
    }

    @Test
    void whatHasEndedIsPrunedButNeverTheLastOfItsKind() {
        trusted.add(authority(Kind.X509, "one", "a"));
        trusted.add(new TrustedAuthority(Kind.X509, "two", "b", END.plusSeconds(1), false));
        trusted.add(authority(Kind.JWT, "three", "c"));
        assertFalse(trusted.prune(END));
        assertTrue(trusted.prune(END.plusMillis(1)));
        assertFalse(trusted.prune(END.plusSeconds(60)));
        assertEquals(List.of("b", "c"), materials());
    }

    @ParameterizedTest
    @EnumSource(names = {"PREPARED", "ACTIVE"})
    void whatSignsBySomeServersClockIsPrunedAMonthLater(State state) {
        trusted.add(authority(Kind.X509, "one", "a"));
        trusted.add(authority(Kind.X509, "two", "b"));
        trusted.add(new TrustedAuthority(Kind.X509, "lasting", "c", Instant.EPOCH, false));
        var slow = new AuthorityJournal(database, "slow");
        slow.write(new AuthorityRecord(Kind.X509, "one", "A", state, "a", END.minusSeconds(60), END));
        slow.write(new AuthorityRecord(Kind.JWT, "two", "A", state, "b", END.minusSeconds(60), END));

        assertTrue(trusted.prune(END.plus(Duration.ofDays(2))));
        assertEquals(List.of("a", "c"), materials());

        assertFalse(trusted.prune(END.plus(Duration.ofDays(30))));
        assertTrue(trusted.prune(END.plus(Duration.ofDays(30)).plusMillis(1)));
        assertEquals(List.of("c"), materials());
    }

    @Test
    void anEarlierVersionsBundleIsTakenOver() throws Exception {
        var url = "jdbc:sqlite:" + folder.resolve("earlier.sqlite3");
        Flyway.configure()
                .dataSource(url, null, null)
                .locations("classpath:io/countersign/datastore/migration/sqlite")
                .target("2")
                .load()
                .migrate();
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO authorities (kind, authority_id, slot, state, material, not_before, not_after,"
                            + " tainted) VALUES ('x509', 'one', 'A', 'active', 'a', 0, " + END.toEpochMilli()
                            + ", FALSE)");
            statement.execute("UPDATE bundle_sequence SET number = 7");
        }
        try (var taken = Database.sqlite(folder.resolve("earlier.sqlite3"))) {
            assertEquals(
                    new Published(List.of(authority(Kind.X509, "one", "a")), 7),
                    new TrustedAuthorities(taken).published());
            assertEquals(1, new AuthorityJournal(taken, "first").records().size());
            assertEquals(List.of(), new AuthorityJournal(taken, "second").records());
        }
    }
}
