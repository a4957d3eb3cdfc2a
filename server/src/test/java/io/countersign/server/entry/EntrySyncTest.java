// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.Replies;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.EntryRevision;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The conversation by which an agent learns its entries. */
@Timeout(60)
class EntrySyncTest {
    private static final int PAGE = 500;

    @TempDir
    Path folder;

    private TestServer server;
    private X509Svid svid;
    private final Replies<SyncAuthorizedEntriesResponse> replies = new Replies<>();
    private StreamObserver<SyncAuthorizedEntriesRequest> requests;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        svid = server.join();
        requests = TestServer.waiting(EntryGrpc.newStub(server.as(svid))).syncAuthorizedEntries(replies);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void create(int count) {
        SpiffeId parent = svid.id();
        var batch = BatchCreateEntryRequest.newBuilder();
        IntStream.range(0, count)
                .forEach(i -> batch.addEntries(TestServer.entry(parent, TestConfig.id("/w/" + i), "unix:uid:" + i)
                        .setId("e" + i)
                        .setHint("h" + i)));
        var results = server.entries().batchCreateEntry(batch.build()).getResultsList();
        assertTrue(results.stream().allMatch(result -> result.getStatus().getCode() == 0));
    }

    private static EntryMask mask() {
        return EntryMask.newBuilder().setHint(true).setRevisionNumber(true).build();
    }

    private void ask(SyncAuthorizedEntriesRequest.Builder request) {
        requests.onNext(request.build());
    }

    /** Every page up to the one that says that it is the last. */
    private List<SyncAuthorizedEntriesResponse> pages() throws InterruptedException {
        var pages = new ArrayList<SyncAuthorizedEntriesResponse>();
        do {
            pages.add(replies.next());
        } while (pages.getLast().getMore());
        return pages;
    }

    @Test
    void noEntriesAreOneEmptyAnswer() throws Exception {
        ask(SyncAuthorizedEntriesRequest.newBuilder());

        assertEquals(SyncAuthorizedEntriesResponse.getDefaultInstance(), replies.next());
        assertEquals(Optional.empty(), replies.end());
    }

    @Test
    void fewEntriesComeAtOnceAndTheStreamEnds() throws Exception {
        create(PAGE);

        ask(SyncAuthorizedEntriesRequest.newBuilder().setOutputMask(mask()));

        var only = replies.next();
        assertEquals(PAGE, only.getEntriesCount());
        assertEquals(0, only.getEntryRevisionsCount());
        assertFalse(only.getMore());
        assertTrue(only.getEntriesList()
                .contains(Entry.newBuilder().setId("e7").setHint("h7").build()));
        assertEquals(Optional.empty(), replies.end());
        assertTrue(replies.isEmpty());
    }

    @Test
    void ofManyEntriesTheRevisionsComeFirstAndThenWhatIsAsked() throws Exception {
        create(1201);
        ask(SyncAuthorizedEntriesRequest.newBuilder().setOutputMask(mask()));

        var revisions = pages();
        assertEquals(
                List.of(PAGE, PAGE, 201),
                revisions.stream().map(page -> page.getEntryRevisionsCount()).toList());
        assertTrue(revisions.stream().allMatch(page -> page.getEntriesCount() == 0));
        var known = revisions.stream()
                .flatMap(page -> page.getEntryRevisionsList().stream())
                .collect(Collectors.toSet());
        assertEquals(1201, known.size());
        assertTrue(known.contains(EntryRevision.newBuilder()
                .setId("e1200")
                .setCreatedAt(server.clock.instant().getEpochSecond())
                .build()));

        var all = known.stream().map(EntryRevision::getId).toList();
        ask(SyncAuthorizedEntriesRequest.newBuilder().addAllIds(all));
        var whole = pages();
        assertEquals(
                List.of(PAGE, PAGE, 201),
                whole.stream().map(page -> page.getEntriesCount()).toList());
        assertEquals(
                IntStream.range(0, 1201)
                        .mapToObj(i -> Entry.newBuilder()
                                .setId("e" + i)
                                .setHint("h" + i)
                                .build())
                        .collect(Collectors.toSet()),
                whole.stream().flatMap(page -> page.getEntriesList().stream()).collect(Collectors.toSet()));

        requests.onCompleted();
        assertEquals(Optional.empty(), replies.end());
    }

    @Test
    void anAgentMayAskAgainAndUnknownIdsAreSkipped() throws Exception {
        create(PAGE + 1);
        ask(SyncAuthorizedEntriesRequest.newBuilder().setOutputMask(mask()));
        assertEquals(2, pages().size());

        ask(SyncAuthorizedEntriesRequest.newBuilder()
                .addIds("e3")
                .addIds("unknown")
                .addIds("e1"));
        assertEquals(Set.of("e1", "e3"), ids(pages().stream()));
        ask(SyncAuthorizedEntriesRequest.newBuilder().addIds("unknown"));
        assertEquals(List.of(SyncAuthorizedEntriesResponse.getDefaultInstance()), pages());
        ask(SyncAuthorizedEntriesRequest.newBuilder().addIds("e500"));
        assertEquals(Set.of("e500"), ids(pages().stream()));
    }

    private static Set<String> ids(Stream<SyncAuthorizedEntriesResponse> pages) {
        return pages.flatMap(page -> page.getEntriesList().stream())
                .map(Entry::getId)
                .collect(Collectors.toSet());
    }

    @Test
    void idsInTheFirstRequestAreRefused() throws Exception {
        ask(SyncAuthorizedEntriesRequest.newBuilder().addIds("e1"));

        assertEquals("specifying IDs on initial request is not supported", refusal());
    }

    @Test
    void revisionsCannotBeMasked() throws Exception {
        ask(SyncAuthorizedEntriesRequest.newBuilder()
                .setOutputMask(mask().toBuilder().setRevisionNumber(false)));

        assertEquals("revision number cannot be masked", refusal());
    }

    private String refusal() throws Exception {
        var status = Status.fromThrowable(replies.end().orElseThrow());
        assertEquals(Code.INVALID_ARGUMENT, status.getCode());
        return String.valueOf(status.getDescription());
    }
}
