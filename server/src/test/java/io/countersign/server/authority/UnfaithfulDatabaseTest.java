// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.DiskKeyRing;
import io.countersign.ca.key.KeyRing;
import io.countersign.ca.key.MemoryKeyRing;
import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityJournal;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import io.countersign.datastore.authority.TrustedAuthorities;
import io.countersign.datastore.authority.TrustedAuthorities.Revocation;
import io.countersign.datastore.authority.TrustedAuthorities.Tainting;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.server.TestClock;
import io.countersign.server.TestConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What signs is in the bundle, whatever the database loses of it and whatever other servers take for over. */
class UnfaithfulDatabaseTest {
    private static final Duration HALF = Duration.ofHours(12);
    private static final Duration FIVE_SIXTHS = Duration.ofHours(20);

    @TempDir
    Path folder;

    private final TestClock clock = new TestClock();
    private Database database;

    @BeforeEach
    void open() throws IOException {
        database = Database.open(TestConfig.of(folder).datastore().database());
    }

    @AfterEach
    void close() {
        database.close();
    }

    private AuthorityJournal journal() {
        return new AuthorityJournal(database, "one");
    }

    private Authorities started() throws IOException {
        return started(journal(), DiskKeyRing.open(folder.resolve("keys.json")), clock);
    }

    private Authorities started(AuthorityJournal journal, KeyRing keys, TestClock time) throws IOException {
        return new Authorities(
                TestConfig.of(folder), keys, journal, new TrustedAuthorities(database), Optional.empty(), time);
    }

    private List<AuthorityRecord> own(Kind kind) {
        return journal().records().stream()
                .filter(record -> record.kind() == kind)
                .toList();
    }

    private List<State> states(Kind kind) {
        return own(kind).stream().map(AuthorityRecord::state).toList();
    }

    private static String active(Authorities authorities, Kind kind) {
        var current = authorities.current();
        return switch (kind) {
            case X509 -> current.x509().active().authorityId();
            case JWT -> current.jwt().orElseThrow().active().authorityId();
        };
    }

    private static boolean isPublished(Authorities authorities, String authorityId) {
        return authorities.current().published().authorities().stream()
                .anyMatch(authority -> authority.authorityId().equals(authorityId));
    }

    /** Half of a life has passed, and a successor is there. */
    private String prepared(Authorities authorities, Kind kind) throws IOException {
        clock.advance(HALF);
        authorities.rotate();
        assertEquals(List.of(State.ACTIVE, State.PREPARED), states(kind));
        return own(kind).getLast().authorityId();
    }

    private void rotateAtTheTimeOfTheNext(Authorities authorities) throws IOException {
        clock.advance(FIVE_SIXTHS.minus(HALF));
        authorities.rotate();
    }

    /** Another database has taken the place of this one that had not heard of it yet. */
    private void lose(String authorityId) {
        database.write(handle -> {
            handle.execute("DELETE FROM authorities WHERE authority_id = ?", authorityId);
            handle.execute("DELETE FROM trusted_authorities WHERE authority_id = ?", authorityId);
            handle.execute("UPDATE bundle_sequence SET number = number - 1");
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatIsToSignIsThereAgainWhenTheDatabaseHasLostIt(Kind kind) throws Exception {
        var authorities = started();
        var prepared = prepared(authorities, kind);

        lose(prepared);
        authorities.reload();
        assertEquals(List.of(State.ACTIVE, State.PREPARED), states(kind));
        assertTrue(isPublished(authorities, prepared));

        // once more, and nobody looks before it signs
        lose(prepared);
        rotateAtTheTimeOfTheNext(authorities);
        assertEquals(prepared, active(authorities, kind));
        assertEquals(prepared, authorities.current().active(kind).authorityId());
        assertEquals(List.of(State.OLD, State.ACTIVE), states(kind));
        assertTrue(isPublished(authorities, prepared));
    }

    @ParameterizedTest
    @EnumSource
    void whatSignsIsWrittenDownAgainWhenTheDatabaseHasLostThatItDoes(Kind kind) throws Exception {
        var authorities = started();
        var former = active(authorities, kind);
        var signing = prepared(authorities, kind);
        rotateAtTheTimeOfTheNext(authorities);
        database.write(handle -> {
            handle.execute("UPDATE authorities SET state = 'prepared' WHERE authority_id = ?", signing);
            handle.execute("UPDATE authorities SET state = 'active' WHERE authority_id = ?", former);
        });

        authorities.rotate();

        assertEquals(List.of(State.OLD, State.ACTIVE), states(kind));
        assertEquals(signing, authorities.current().active(kind).authorityId());
    }

    @ParameterizedTest
    @EnumSource
    void whatWasRevokedStaysOut(Kind kind) throws Exception {
        var authorities = started();
        var prepared = prepared(authorities, kind);
        var bundle = new TrustedAuthorities(database);
        assertEquals(Tainting.DONE, bundle.taint(kind, prepared));
        assertEquals(Revocation.DONE, bundle.revoke(kind, prepared));

        authorities.reload();
        assertFalse(isPublished(authorities, prepared));
        rotateAtTheTimeOfTheNext(authorities);
        assertFalse(isPublished(authorities, prepared));
    }

    @Test
    void aSequenceNumberThatStandsForSomethingElseByNowIsNotBelieved() throws Exception {
        var authorities = started();
        var bundle = new TrustedAuthorities(database);
        bundle.add(new TrustedAuthority(Kind.JWT, "lost", "bG9zdA==", Instant.EPOCH, false));
        authorities.reload();
        long number = authorities.current().published().sequenceNumber();

        lose("lost");
        bundle.add(new TrustedAuthority(Kind.JWT, "other", "b3RoZXI=", Instant.EPOCH, false));
        authorities.reload();

        assertEquals(number, authorities.current().published().sequenceNumber());
        assertTrue(isPublished(authorities, "other"));
        assertFalse(isPublished(authorities, "lost"));
    }

    @ParameterizedTest
    @EnumSource
    void aServerWhoseClockIsAheadTakesNothingFromTheOthers(Kind kind) throws Exception {
        var signing = active(started(), kind);
        var ahead = new TestClock();
        ahead.advance(Duration.ofHours(49));
        var other = started(new AuthorityJournal(database, "two"), new MemoryKeyRing(), ahead);

        other.rotate();

        assertTrue(isPublished(other, signing));
        assertEquals(List.of(State.ACTIVE), states(kind));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsPreparedWhenAnotherPreparationFailsDoesNotSignWithoutItsKey(Kind kind) throws Exception {
        var authorities = started();
        var before = prepared(authorities, kind);

        // the database fails between the next one's key and what vouches for it
        rename("trusted_authorities", "away");
        assertThrows(RuntimeException.class, () -> authorities.prepare(kind));
        rename("away", "trusted_authorities");

        rotateAtTheTimeOfTheNext(authorities);
        assertNotEquals(before, active(authorities, kind));
        assertEquals(active(authorities, kind), active(started(), kind));
    }

    private void rename(String table, String name) {
        database.write(handle -> handle.execute("ALTER TABLE " + table + " RENAME TO " + name));
    }
}
