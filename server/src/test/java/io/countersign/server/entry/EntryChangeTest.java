// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryResponse;
import io.countersign.serverapi.entry.CountEntriesRequest;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Updating and deleting entries. */
@Timeout(60)
class EntryChangeTest {
    @TempDir
    Path folder;

    private TestServer server;
    private Entry old;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        old = server.create(TestServer.entry(TestConfig.id("/node"), TestConfig.id("/a"), "unix:uid:1")
                .setId("e")
                .setHint("old")
                .setX509SvidTtl(60)
                .addDnsNames("a.example.org"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private BatchUpdateEntryResponse.Result update(BatchUpdateEntryRequest.Builder request) {
        return server.entries().batchUpdateEntry(request.build()).getResults(0);
    }

    private Entry stored() {
        return server.entries().getEntry(GetEntryRequest.newBuilder().setId("e").build());
    }

    @Test
    void withoutAMaskEveryFieldIsReplaced() {
        server.clock.advance(java.time.Duration.ofSeconds(30));
        var wanted = TestServer.entry(TestConfig.id("/node2"), TestConfig.id("/b"), "unix:uid:2")
                .setId("e");

        var result = update(BatchUpdateEntryRequest.newBuilder().addEntries(wanted));

        assertEquals(0, result.getStatus().getCode(), result::toString);
        var expected =
                wanted.setRevisionNumber(1).setCreatedAt(old.getCreatedAt()).build();
        assertEquals(expected, result.getEntry());
        assertEquals(expected, stored());
    }

    @Test
    void withAMaskOnlyItsFieldsAreReplaced() {
        var given =
                Entry.newBuilder().setId("e").setHint("new").setX509SvidTtl(99).setAdmin(true);

        var result = update(BatchUpdateEntryRequest.newBuilder()
                .addEntries(given)
                .setInputMask(
                        EntryMask.newBuilder().setHint(true).setAdmin(true).setDnsNames(true))
                .setOutputMask(EntryMask.newBuilder().setHint(true)));

        assertEquals(Entry.newBuilder().setId("e").setHint("new").build(), result.getEntry());
        assertEquals(
                old.toBuilder()
                        .setHint("new")
                        .setAdmin(true)
                        .clearDnsNames()
                        .setRevisionNumber(1)
                        .build(),
                stored());
    }

    @Test
    void whatTheServerSetsCannotBeChanged() {
        var given = old.toBuilder().setRevisionNumber(77).setCreatedAt(1);

        var result = update(BatchUpdateEntryRequest.newBuilder().addEntries(given));

        assertEquals(old.toBuilder().setRevisionNumber(1).build(), result.getEntry());
    }

    @Test
    void anUpdateKeepsTheRulesOfANewEntry() {
        var result = update(
                BatchUpdateEntryRequest.newBuilder().addEntries(old.toBuilder().clearSelectors()));

        assertEquals(Code.INVALID_ARGUMENT.value(), result.getStatus().getCode());
        assertEquals(
                "failed to convert entry: selector list is empty",
                result.getStatus().getMessage());
        assertEquals(old, stored());
    }

    @Test
    void noEntryBecomesWhatAnotherOneIs() {
        var other = server.create(TestServer.entry(TestConfig.id("/node"), TestConfig.id("/other"), "unix:uid:77")
                .setId("other"));

        var result = update(BatchUpdateEntryRequest.newBuilder()
                .addEntries(other.toBuilder().setId(old.getId())));

        assertEquals(Code.ALREADY_EXISTS.value(), result.getStatus().getCode(), result::toString);
        assertEquals(old, stored());
    }

    @Test
    void whatIsNotThereIsNotUpdated() {
        var result = update(
                BatchUpdateEntryRequest.newBuilder().addEntries(old.toBuilder().setId("unknown")));

        assertEquals(Code.NOT_FOUND.value(), result.getStatus().getCode());
        assertEquals("failed to update entry", result.getStatus().getMessage());
    }

    @Test
    void deletingAnswersForEachId() {
        var results = server.entries()
                .batchDeleteEntry(BatchDeleteEntryRequest.newBuilder()
                        .addAllIds(List.of("unknown", "e", "e", ""))
                        .build())
                .getResultsList();

        assertEquals(
                List.of("unknown", "e", "e", ""),
                results.stream().map(one -> one.getId()).toList());
        assertEquals(
                List.of("entry not found", "OK", "entry not found", "missing entry ID"),
                results.stream().map(one -> one.getStatus().getMessage()).toList());
        assertEquals(
                0,
                server.entries()
                        .countEntries(CountEntriesRequest.getDefaultInstance())
                        .getCount());
        Refused.with(Code.NOT_FOUND, this::stored);
    }

    @Test
    void entriesAreThereAfterARestart() throws Exception {
        server.close();
        server = server.again();

        assertEquals(old, stored());
        assertTrue(server.published().getSequenceNumber() > 0);
    }
}
