// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchCreateEntryResponse;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Entry.AdditionalAttributes;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.serverapi.types.SPIFFEID;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which entries can be created. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EntryRulesTest {
    private TestServer server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = TestServer.start(folder);
    }

    @AfterAll
    void close() {
        server.close();
    }

    /** A good entry changed for the worse, and what is said about it. */
    record Broken(String words, UnaryOperator<Entry.Builder> change) {
        @Override
        public String toString() {
            return words;
        }
    }

    static Stream<Broken> broken() {
        return Stream.of(brokenIds(), brokenSelectors(), brokenTerms()).flatMap(List::stream);
    }

    private static List<Broken> brokenIds() {
        return List.of(
                new Broken("invalid parent ID: request must specify SPIFFE ID", entry -> entry.clearParentId()),
                new Broken(
                        "\"spiffe://other.org/node\" is not a member",
                        entry -> entry.setParentId(id("other.org", "/node"))),
                new Broken("path is empty", entry -> entry.setParentId(id("example.org", ""))),
                new Broken("invalid spiffe ID: request must specify SPIFFE ID", entry -> entry.clearSpiffeId()),
                new Broken(
                        "\"spiffe://other.org/a\" is not a member", entry -> entry.setSpiffeId(id("other.org", "/a"))),
                new Broken("path is empty", entry -> entry.setSpiffeId(id("example.org", ""))),
                new Broken(
                        "path is in the reserved namespace", entry -> entry.setSpiffeId(id("example.org", "/spire"))),
                new Broken(
                        "path is in the reserved namespace",
                        entry -> entry.setSpiffeId(id("example.org", "/spire/agent/x"))),
                new Broken("invalid spiffe ID", entry -> entry.setSpiffeId(id("example.org", "/a/../b"))),
                new Broken("invalid entry ID", entry -> entry.setId("a b")),
                new Broken("invalid entry ID", entry -> entry.setId("a".repeat(256))));
    }

    private static List<Broken> brokenSelectors() {
        return List.of(
                new Broken("selector list is empty", entry -> entry.clearSelectors()),
                new Broken("missing selector type", entry -> entry.addSelectors(TestServer.selector(":value"))),
                new Broken(
                        "selector type contains ':'",
                        entry -> entry.addSelectors(
                                TestServer.selector("unix:uid").toBuilder().setType("unix:uid"))),
                new Broken("contains the character U+0000", entry -> entry.addSelectors(TestServer.selector("a:b\0"))),
                new Broken("missing selector value", entry -> entry.addSelectors(TestServer.selector("unix:"))),
                new Broken(
                        "selector types must be the same",
                        entry -> entry.setStoreSvid(true).addSelectors(TestServer.selector("jvm:main:X"))),
                new Broken(
                        "cannot go without prefetch",
                        entry -> entry.setStoreSvid(true)
                                .setAdditionalAttributes(
                                        AdditionalAttributes.newBuilder().setDisableX509SvidPrefetch(true))));
    }

    private static List<Broken> brokenTerms() {
        return List.of(
                new Broken("ttl -1", entry -> entry.setX509SvidTtl(-1)),
                new Broken("ttl -2", entry -> entry.setJwtSvidTtl(-2)),
                new Broken("expiration time -1", entry -> entry.setExpiresAt(-1)),
                new Broken("contains the character U+0000", entry -> entry.setHint("\0")),
                new Broken("hint is too long", entry -> entry.setHint("ä".repeat(513))),
                new Broken("invalid DNS name", entry -> entry.addDnsNames("")),
                new Broken("invalid DNS name", entry -> entry.addDnsNames("a..b")),
                new Broken("too many wildcards", entry -> entry.addDnsNames("*.*.example")),
                new Broken("\"-b\"", entry -> entry.addDnsNames("a.-b.example")),
                new Broken("\"b-\"", entry -> entry.addDnsNames("a.b-.example")),
                new Broken("\"ab--c\"", entry -> entry.addDnsNames("ab--c.example")),
                new Broken(
                        "257 characters",
                        entry -> entry.addDnsNames("a".repeat(62) + (".b" + "c".repeat(62)).repeat(3) + ".ab")),
                new Broken("is there twice", entry -> entry.addDnsNames("a").addDnsNames("a")),
                new Broken("invalid DNS name", entry -> entry.addDnsNames("bücher.example")),
                new Broken("invalid DNS name", entry -> entry.addDnsNames("a.*.example")),
                new Broken("invalid DNS name", entry -> entry.addDnsNames("*.*.example")),
                new Broken("invalid DNS name", entry -> entry.addDnsNames("a".repeat(64))),
                new Broken("invalid federated trust domain", entry -> entry.addFederatesWith("Other.org")));
    }

    private static SPIFFEID id(String trustDomain, String path) {
        return SPIFFEID.newBuilder().setTrustDomain(trustDomain).setPath(path).build();
    }

    private static Entry.Builder good(String name) {
        return TestServer.entry(TestConfig.id("/node"), TestConfig.id("/" + name), "unix:uid:1");
    }

    private BatchCreateEntryResponse create(Entry... entries) {
        return server.entries()
                .batchCreateEntry(BatchCreateEntryRequest.newBuilder()
                        .addAllEntries(List.of(entries))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("broken")
    void whatBreaksARuleIsRefusedByName(Broken broken) {
        var result = create(broken.change().apply(good("broken")).build()).getResults(0);

        assertEquals(Code.INVALID_ARGUMENT.value(), result.getStatus().getCode(), result::toString);
        var message = result.getStatus().getMessage();
        assertTrue(message.startsWith("failed to convert entry: "), message);
        assertTrue(message.contains(broken.words()), message);
        assertFalse(result.hasEntry());
    }

    @Test
    void nobodyFederatesWithWhatIsNotKnown() {
        var result =
                create(good("federated").addFederatesWith("other.org").build()).getResults(0);

        assertEquals(
                "failed to create entry: unable to find federated bundle \"spiffe://other.org\"",
                result.getStatus().getMessage());
    }

    @Test
    void anIdIsTakenOnce() {
        var first = create(good("first").setId("taken").build()).getResults(0);
        var second = create(good("second").setId("taken").build()).getResults(0);

        assertEquals(Code.OK.value(), first.getStatus().getCode(), first::toString);
        assertEquals(Code.ALREADY_EXISTS.value(), second.getStatus().getCode(), second::toString);
        assertFalse(second.hasEntry());
    }

    @Test
    void whatIsAtTheLimitIsTaken() {
        var widest = good("widest")
                .setId("A-z.0_" + "9".repeat(249))
                .setHint("h".repeat(1024))
                .addDnsNames("*.example.org")
                .addDnsNames("a".repeat(63))
                .setExpiresAt(4_000_000_000L)
                .setX509SvidTtl(1)
                .setJwtSvidTtl(2)
                .setAdmin(true)
                .setDownstream(true)
                .setAdditionalAttributes(AdditionalAttributes.newBuilder()
                        .setDisableX509SvidPrefetch(true)
                        .setJwtSvidIncludeJti(true))
                .build();

        var created = create(widest).getResults(0);

        assertEquals(0, created.getStatus().getCode(), created::toString);
        assertEquals("OK", created.getStatus().getMessage());
        assertEquals(
                widest,
                created.getEntry().toBuilder()
                        .clearCreatedAt()
                        .clearRevisionNumber()
                        .build());
        assertEquals(server.clock.instant().getEpochSecond(), created.getEntry().getCreatedAt());
        assertEquals(0, created.getEntry().getRevisionNumber());
    }

    @Test
    void anEntryWithoutIdGetsARandomOne() {
        var first = server.create(good("random-1")).getId();
        var second = server.create(good("random-2")).getId();

        assertTrue(first.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), first);
        assertFalse(first.equals(second));
    }

    @Test
    void aSimilarEntryIsShownInPlaceOfAnother() {
        var first = server.create(good("similar").addSelectors(TestServer.selector("unix:gid:2")));
        var same = TestServer.entry(TestConfig.id("/node"), TestConfig.id("/similar"), "unix:gid:2", "unix:uid:1")
                .setHint("other")
                .build();

        var result = create(same).getResults(0);

        assertEquals(Code.ALREADY_EXISTS.value(), result.getStatus().getCode());
        assertEquals("similar entry already exists", result.getStatus().getMessage());
        assertEquals(first, result.getEntry());
    }

    @Test
    void oneBadEntryDoesNotKeepTheOthersOut() {
        var response = create(
                good("batch-1").build(),
                good("batch-2").clearSelectors().build(),
                good("batch-3").build());

        assertEquals(
                List.of(0, Code.INVALID_ARGUMENT.value(), 0),
                response.getResultsList().stream()
                        .map(result -> result.getStatus().getCode())
                        .toList());
        assertEquals("/batch-3", response.getResults(2).getEntry().getSpiffeId().getPath());
    }

    @Test
    void onlyWhatTheMaskNamesIsShown() {
        var created = server.entries()
                .batchCreateEntry(BatchCreateEntryRequest.newBuilder()
                        .addEntries(good("masked").setId("masked").setHint("h"))
                        .setOutputMask(EntryMask.newBuilder().setHint(true))
                        .build())
                .getResults(0)
                .getEntry();

        assertEquals(Entry.newBuilder().setId("masked").setHint("h").build(), created);
    }
}
