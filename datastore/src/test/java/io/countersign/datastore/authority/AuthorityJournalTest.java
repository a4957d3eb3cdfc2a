// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.Store;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class AuthorityJournalTest {
    private final Store store;

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00.250Z");
    private static final Instant END = BEGIN.plusSeconds(60);

    @TempDir
    Path folder;

    AuthorityJournalTest(Store store) {
        this.store = store;
    }

    private Store.Opened opened;
    private Database database;
    private AuthorityJournal journal;

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        use(opened.database());
    }

    private void use(Database open) {
        database = open;
        journal = new AuthorityJournal(database, "one");
    }

    @AfterEach
    void close() {
        opened.close();
    }

    private static AuthorityRecord authority(Kind kind, String id, State state) {
        return new AuthorityRecord(kind, id, "A", state, "bWF0ZXJpYWw=", BEGIN, END);
    }

    private List<State> states() {
        return journal.records().stream().map(AuthorityRecord::state).toList();
    }

    private List<String> ids() {
        return journal.records().stream().map(AuthorityRecord::authorityId).toList();
    }

    @Test
    void everyFieldIsThereAfterARestart() throws IOException {
        var authority = authority(Kind.JWT, "one", State.ACTIVE);
        journal.write(authority);
        use(opened.again());
        assertEquals(List.of(authority), journal.records());
    }

    @Test
    void activatingMakesTheFormerOneOld() {
        journal.write(authority(Kind.X509, "one", State.ACTIVE));
        journal.write(authority(Kind.X509, "two", State.PREPARED));
        journal.write(authority(Kind.X509, "two", State.ACTIVE));
        assertEquals(List.of(State.OLD, State.ACTIVE), states());
    }

    @Test
    void thereIsOneActiveAuthorityOfEachKind() {
        journal.write(authority(Kind.X509, "one", State.ACTIVE));
        journal.write(authority(Kind.JWT, "one", State.ACTIVE));
        journal.write(authority(Kind.X509, "two", State.ACTIVE));
        assertEquals(List.of(State.OLD, State.ACTIVE, State.ACTIVE), states());
    }

    @Test
    void whatWasPreparedAndNeverSignedGivesWayToTheNext() {
        journal.write(authority(Kind.X509, "one", State.ACTIVE));
        journal.write(authority(Kind.X509, "two", State.PREPARED));
        journal.write(authority(Kind.JWT, "other", State.PREPARED));
        journal.write(authority(Kind.X509, "three", State.PREPARED));
        assertEquals(List.of("one", "other", "three"), ids());
        journal.write(authority(Kind.X509, "four", State.ACTIVE));
        assertEquals(List.of("one", "other", "four"), ids());
    }

    @Test
    void whatIsWrittenAgainIsWhatItWasAndMayHaveGoneBack() {
        var first = authority(Kind.X509, "one", State.ACTIVE);
        var second = authority(Kind.X509, "two", State.PREPARED);
        journal.write(first);
        journal.write(second);
        journal.write(second);
        assertEquals(List.of(first, second), journal.records());
        journal.write(second.in(State.ACTIVE));

        journal.write(first);
        journal.write(second);

        assertEquals(List.of(first, second), journal.records());
    }

    @Test
    void onlyWhatIsPreparedIsDiscarded() {
        journal.write(authority(Kind.X509, "one", State.ACTIVE));
        journal.write(authority(Kind.X509, "two", State.PREPARED));
        journal.discard(Kind.X509, "one");
        journal.discard(Kind.X509, "two");
        assertEquals(List.of("one"), ids());
    }

    @Test
    void onlyOldOnesThatHaveEndedArePruned() {
        journal.write(authority(Kind.X509, "one", State.ACTIVE));
        journal.write(authority(Kind.X509, "two", State.ACTIVE));
        assertFalse(journal.prune(END));
        assertTrue(journal.prune(END.plusMillis(1)));
        assertEquals(List.of(State.ACTIVE), states());
    }

    @Test
    void eachServerHasItsOwn() {
        var other = new AuthorityJournal(database, "two");
        journal.write(authority(Kind.X509, "a", State.ACTIVE));
        other.write(authority(Kind.X509, "b", State.ACTIVE));
        journal.write(authority(Kind.X509, "c", State.PREPARED));
        other.write(authority(Kind.X509, "d", State.PREPARED));

        other.write(authority(Kind.X509, "d", State.ACTIVE));
        other.discard(Kind.X509, "c");

        assertEquals(List.of("a", "c"), ids());
        assertEquals(List.of(State.ACTIVE, State.PREPARED), states());
        assertEquals(
                List.of(State.OLD, State.ACTIVE),
                other.records().stream().map(AuthorityRecord::state).toList());
    }

    @Test
    void ofAnotherServerWhatSignsByItsOwnClockIsKept() {
        var other = new AuthorityJournal(database, "two");
        other.write(authority(Kind.X509, "a", State.ACTIVE));
        other.write(authority(Kind.X509, "b", State.ACTIVE));
        other.write(authority(Kind.X509, "c", State.PREPARED));

        assertFalse(journal.prune(END.plus(Duration.ofDays(2))));

        assertEquals(
                List.of(State.ACTIVE, State.PREPARED),
                other.records().stream().map(AuthorityRecord::state).toList());
    }

    @Test
    void whatAServerLeftThatIsGoneIsForgottenAMonthAfterItsEnd() {
        var gone = new AuthorityJournal(database, "two");
        gone.write(authority(Kind.X509, "b", State.ACTIVE));
        journal.write(authority(Kind.X509, "a", State.ACTIVE));
        var month = END.plus(Duration.ofDays(30));

        assertFalse(journal.prune(month));
        assertEquals(1, gone.records().size());
        assertFalse(journal.prune(month.plusMillis(1)));

        assertEquals(List.of(), gone.records());
        assertEquals(List.of("a"), ids());
    }
}
