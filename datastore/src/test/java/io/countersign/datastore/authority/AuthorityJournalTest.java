// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityJournalTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00.250Z");
    private static final Instant END = BEGIN.plusSeconds(60);

    @TempDir
    Path folder;

    private Database database;
    private AuthorityJournal journal;

    @BeforeEach
    void open() throws IOException {
        database = Database.sqlite(folder.resolve("datastore.sqlite3"));
        journal = new AuthorityJournal(database);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static AuthorityRecord authority(Kind kind, String id, State state) {
        return new AuthorityRecord(kind, id, "A", state, "bWF0ZXJpYWw=", BEGIN, END, false);
    }

    private List<State> states() {
        return journal.published().authorities().stream()
                .map(AuthorityRecord::state)
                .toList();
    }

    @Test
    void everyFieldIsThereAfterARestart() throws IOException {
        var authority = authority(Kind.JWT, "one", State.ACTIVE);
        journal.add(authority);
        database.close();
        open();
        assertEquals(new AuthorityJournal.Published(List.of(authority), 1), journal.published());
    }

    @Test
    void activatingMakesTheFormerOneOldAndLeavesTheBundleAsItIs() {
        journal.add(authority(Kind.X509, "one", State.ACTIVE));
        journal.add(authority(Kind.X509, "two", State.PREPARED));
        journal.activate(Kind.X509, "two");
        assertEquals(List.of(State.OLD, State.ACTIVE), states());
        assertEquals(2, journal.published().sequenceNumber());
    }

    @Test
    void thereIsOneActiveAuthorityOfEachKind() {
        journal.add(authority(Kind.X509, "one", State.ACTIVE));
        journal.add(authority(Kind.JWT, "one", State.ACTIVE));
        journal.add(authority(Kind.X509, "two", State.ACTIVE));
        assertEquals(List.of(State.OLD, State.ACTIVE, State.ACTIVE), states());
    }

    @Test
    void onlyOldOnesThatHaveEndedArePruned() {
        journal.add(authority(Kind.X509, "one", State.ACTIVE));
        journal.add(authority(Kind.X509, "two", State.ACTIVE));
        assertFalse(journal.prune(END));
        assertTrue(journal.prune(END.plusMillis(1)));
        assertEquals(List.of(State.ACTIVE), states());
        assertEquals(3, journal.published().sequenceNumber());
    }

    private static AuthorityRecord appended(String id, String material, Instant end) {
        return new AuthorityRecord(Kind.JWT, id, "", State.APPENDED, material, BEGIN, end, false);
    }

    @Test
    void whatIsAppendedIsThereOnceAndChangesTheBundleOnce() {
        var one = appended("one", "b25l", END);

        assertEquals(Optional.empty(), journal.append(List.of(one, one)));
        assertEquals(Optional.empty(), journal.append(List.of(one)));

        assertEquals(new AuthorityJournal.Published(List.of(one), 1), journal.published());
    }

    @Test
    void anIdIsThatOfOneKeyOnly() {
        var one = appended("one", "b25l", END);
        var other = appended("one", "b3RoZXI=", END);
        assertEquals(Optional.empty(), journal.append(List.of(one)));

        assertEquals(Optional.of(other), journal.append(List.of(appended("two", "dHdv", END), other)));

        assertEquals(List.of(one), journal.published().authorities());
    }

    @Test
    void anAppendedKeyStaysUntilItEndsIfThatIsKnown() {
        var endless = appended("endless", "ZW5kbGVzcw==", Instant.EPOCH);
        assertEquals(Optional.empty(), journal.append(List.of(appended("one", "b25l", END), endless)));

        assertTrue(journal.prune(END.plusMillis(1)));

        assertEquals(List.of(endless), journal.published().authorities());
    }
}
