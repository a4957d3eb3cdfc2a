// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.BoolValue;
import com.google.protobuf.StringValue;
import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.entry.CountEntriesRequest;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.entry.ListEntriesRequest.Filter;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.serverapi.types.FederatesWithMatch;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.SelectorMatch;
import io.countersign.serverapi.types.SelectorMatch.MatchBehavior;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Finding entries: five of them, which no test changes. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EntryQueryTest {
    private static final SpiffeId NODE = TestConfig.id("/node");
    private static final SpiffeId OTHER_NODE = TestConfig.id("/other-node");

    private TestServer server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = TestServer.start(folder);
        add("one", NODE, "/a", "s:1");
        add("two", NODE, "/b", "s:1", "s:2");
        add("three", OTHER_NODE, "/a", "s:1", "s:2", "s:3");
        add("four", NODE, "/c", "s:4");
        var _ = server.create(TestServer.entry(NODE, TestConfig.id("/d"), "s:5")
                .setId("five")
                .setHint("internal")
                .setDownstream(true));
    }

    private void add(String name, SpiffeId parent, String path, String... selectors) {
        var _ = server.create(
                TestServer.entry(parent, TestConfig.id(path), selectors).setId(name));
    }

    @AfterAll
    void close() {
        server.close();
    }

    record Query(Filter filter, String found) {}

    static Stream<Query> queries() {
        return Stream.of(
                new Query(Filter.getDefaultInstance(), "one two three four five"),
                new Query(Filter.newBuilder().setBySpiffeId(id("/a")).build(), "one three"),
                new Query(Filter.newBuilder().setByParentId(id("/other-node")).build(), "three"),
                new Query(
                        Filter.newBuilder()
                                .setByHint(StringValue.of("internal"))
                                .build(),
                        "five"),
                new Query(Filter.newBuilder().setByHint(StringValue.of("")).build(), "one two three four five"),
                new Query(
                        Filter.newBuilder().setByDownstream(BoolValue.of(true)).build(), "five"),
                new Query(
                        Filter.newBuilder().setByDownstream(BoolValue.of(false)).build(), "one two three four five"),
                new Query(selectors(MatchBehavior.MATCH_EXACT, "s:2", "s:1"), "two"),
                new Query(selectors(MatchBehavior.MATCH_SUBSET, "s:1", "s:2"), "one two"),
                new Query(selectors(MatchBehavior.MATCH_SUPERSET, "s:1", "s:2"), "two three"),
                new Query(selectors(MatchBehavior.MATCH_ANY, "s:3", "s:4"), "three four"),
                new Query(
                        selectors(MatchBehavior.MATCH_ANY, "s:1").toBuilder()
                                .setBySpiffeId(id("/a"))
                                .setByParentId(id("/node"))
                                .build(),
                        "one"),
                new Query(federations(FederatesWithMatch.MatchBehavior.MATCH_ANY), ""),
                new Query(federations(FederatesWithMatch.MatchBehavior.MATCH_SUBSET), ""),
                new Query(federations(FederatesWithMatch.MatchBehavior.MATCH_EXACT), ""),
                new Query(federations(FederatesWithMatch.MatchBehavior.MATCH_SUPERSET), ""));
    }

    private static SPIFFEID id(String path) {
        return Ids.message(TestConfig.id(path));
    }

    private static Filter selectors(MatchBehavior behavior, String... selectors) {
        return Filter.newBuilder()
                .setBySelectors(SelectorMatch.newBuilder()
                        .setMatch(behavior)
                        .addAllSelectors(Arrays.stream(selectors)
                                .map(TestServer::selector)
                                .toList()))
                .build();
    }

    private static Filter federations(FederatesWithMatch.MatchBehavior behavior) {
        return Filter.newBuilder()
                .setByFederatesWith(FederatesWithMatch.newBuilder()
                        .addTrustDomains("other.org")
                        .setMatch(behavior))
                .build();
    }

    private static String names(List<Entry> entries) {
        return entries.stream().map(Entry::getId).collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @MethodSource("queries")
    void aFilterFindsAndCounts(Query query) throws Exception {
        var found = server.entries()
                .listEntries(ListEntriesRequest.newBuilder()
                        .setFilter(query.filter())
                        .build());
        // both filters have the same fields with the same numbers
        var same = CountEntriesRequest.Filter.parseFrom(query.filter().toByteString());
        var count = server.entries()
                .countEntries(CountEntriesRequest.newBuilder().setFilter(same).build());

        assertEquals(query.found(), names(found.getEntriesList()));
        assertEquals(found.getEntriesCount(), count.getCount());
        assertEquals("", found.getNextPageToken());
    }

    static Stream<Query> malformed() {
        return Stream.of(
                new Query(
                        Filter.newBuilder()
                                .setByParentId(SPIFFEID.getDefaultInstance())
                                .build(),
                        "malformed parent ID filter: "),
                new Query(
                        Filter.newBuilder()
                                .setBySpiffeId(SPIFFEID.getDefaultInstance())
                                .build(),
                        "malformed SPIFFE ID filter: "),
                new Query(selectors(MatchBehavior.MATCH_ANY), "malformed selectors filter: empty selector set"),
                new Query(
                        selectors(MatchBehavior.MATCH_ANY, "s:"), "malformed selectors filter: missing selector value"),
                new Query(
                        Filter.newBuilder()
                                .setByFederatesWith(FederatesWithMatch.getDefaultInstance())
                                .build(),
                        "malformed federates with filter: "),
                new Query(
                        Filter.newBuilder()
                                .setBySelectors(SelectorMatch.newBuilder()
                                        .addSelectors(TestServer.selector("s:1"))
                                        .setMatchValue(9))
                                .build(),
                        "malformed selectors filter: match behaviour 9"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aMalformedFilterIsRefused(Query query) {
        var words = Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.entries()
                        .listEntries(ListEntriesRequest.newBuilder()
                                .setFilter(query.filter())
                                .build()));

        assertTrue(words.startsWith(query.found()), words);
    }

    @Test
    void pagesEndWithAnEmptyOne() {
        var pages = new ArrayList<String>();
        var token = "";
        do {
            var page = server.entries()
                    .listEntries(ListEntriesRequest.newBuilder()
                            .setPageSize(2)
                            .setPageToken(token)
                            .build());
            pages.add(names(page.getEntriesList()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());

        assertEquals(List.of("one two", "three four", "five", ""), pages);
    }

    @Test
    void aTokenThatIsNoneIsRefused() {
        var words = Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.entries()
                        .listEntries(ListEntriesRequest.newBuilder()
                                .setPageSize(2)
                                .setPageToken("x")
                                .build()));

        assertEquals("could not parse token 'x'", words);
    }

    @Test
    void aMaskThatNamesNothingLeavesTheId() {
        var request = GetEntryRequest.newBuilder().setId("five");

        var whole = server.entries().getEntry(request.build());
        var bare = server.entries()
                .getEntry(request.setOutputMask(EntryMask.getDefaultInstance()).build());

        assertEquals("internal", whole.getHint());
        assertEquals(Entry.newBuilder().setId("five").build(), bare);
    }

    @Test
    void anEntryThatIsNotThereIsNotFound() {
        var unknown = GetEntryRequest.newBuilder().setId("unknown").build();

        assertEquals(
                "entry not found",
                Refused.with(Code.NOT_FOUND, () -> server.entries().getEntry(unknown)));
        assertEquals(
                "missing ID",
                Refused.with(
                        Code.INVALID_ARGUMENT, () -> server.entries().getEntry(GetEntryRequest.getDefaultInstance())));
    }
}
