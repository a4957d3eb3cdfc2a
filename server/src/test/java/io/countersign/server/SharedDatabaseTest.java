// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.datastore.DatabaseSettings;
import io.countersign.datastore.RealPostgres;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers that share a PostgreSQL: what is done through one holds at the other. */
@Timeout(120)
class SharedDatabaseTest {
    @TempDir
    Path folder;

    private DatabaseSettings database;
    private TestServer one;
    private TestServer two;

    @BeforeEach
    void start() throws IOException {
        database = RealPostgres.shared().database();
        one = started("one");
        two = started("two");
    }

    private TestServer started(String name) throws IOException {
        return TestServer.start(folder.resolve(name), config -> TestConfig.database(config, database));
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    private static EntryGrpc.EntryBlockingStub agent(TestServer at, X509Svid svid) {
        return TestServer.waiting(EntryGrpc.newBlockingStub(at.as(svid)));
    }

    private static Set<String> served(EntryGrpc.EntryBlockingStub agent) {
        return agent.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance()).getEntriesList().stream()
                .map(Entry::getId)
                .collect(Collectors.toSet());
    }

    private static Set<String> authorities(TestServer at) {
        return at.published().getX509AuthoritiesList().stream()
                .map(authority -> authority.getAsn1().toStringUtf8())
                .collect(Collectors.toSet());
    }

    private static LocalAuthorityGrpc.LocalAuthorityBlockingStub rotation(TestServer at) {
        return TestServer.waiting(LocalAuthorityGrpc.newBlockingStub(at.local()));
    }

    private static String active(TestServer at) {
        return rotation(at)
                .getX509AuthorityState(GetX509AuthorityStateRequest.getDefaultInstance())
                .getActive()
                .getAuthorityId();
    }

    private void bothTrustBoth() {
        Eventually.holds("the bundles are the same", () -> authorities(one).equals(authorities(two)));
    }

    @Test
    void eachHasItsOwnAuthoritiesAndBothAreInTheBundleOfEach() {
        bothTrustBoth();

        assertEquals(2, authorities(one).size());
        assertNotEquals(active(one), active(two));
        Eventually.holds(
                "keys for tokens of both are in both bundles",
                () -> one.published().getJwtAuthoritiesCount() == 2
                        && two.published().getJwtAuthoritiesCount() == 2);
    }

    @Test
    void anEntryMadeThroughOneIsServedByTheOther() throws Exception {
        bothTrustBoth();
        var svid = one.join();
        var agent = agent(two, svid);
        Eventually.holds("the other knows the node", () -> served(agent).isEmpty());

        var _ = one.create(
                TestServer.entry(svid.id(), TestConfig.id("/e"), "unix:uid:1").setId("e"));
        Eventually.holds("the other serves it", () -> served(agent).equals(Set.of("e")));

        var _ = two.entries()
                .batchDeleteEntry(
                        BatchDeleteEntryRequest.newBuilder().addIds("e").build());
        assertEquals(Set.of(), served(agent));
        Eventually.holds(
                "the first serves it no more", () -> served(agent(one, svid)).isEmpty());
    }

    @Test
    void whoIsBannedThroughOneIsRefusedByTheOther() throws Exception {
        bothTrustBoth();
        var svid = one.join();
        var agent = agent(two, svid);
        Eventually.holds("the other knows the node", () -> served(agent).isEmpty());

        var _ = one.agents()
                .banAgent(BanAgentRequest.newBuilder()
                        .setId(Ids.message(svid.id()))
                        .build());

        assertEquals(Reason.AGENT_BANNED, Refused.reason(() -> served(agent(one, svid))));
        Eventually.holds("the other refuses it", () -> isRefused(agent));
        assertEquals(Reason.AGENT_BANNED, Refused.reason(() -> served(agent)));
    }

    private static boolean isRefused(EntryGrpc.EntryBlockingStub agent) {
        try {
            var _ = served(agent);
            return false;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Code.PERMISSION_DENIED;
        }
    }

    @Test
    void ofTwoNodesWithOneTokenOneIsLetIn() throws Exception {
        bothTrustBoth();
        for (int round = 0; round < 5; round++) {
            var token = one.agents()
                    .createJoinToken(
                            CreateJoinTokenRequest.newBuilder().setTtl(60).build())
                    .getValue();
            List<Callable<Boolean>> nodes = List.of(() -> isLetIn(one, token), () -> isLetIn(two, token));
            assertEquals(1, count(nodes));
        }
    }

    @Test
    void whatIsNoTextToTheDatabaseIsRefusedLikeAnyOtherTokenThatIsNone() throws Exception {
        var attestation =
                TestServer.attestation("join_token", "\0", Request.bare().der());

        var refusal = Status.fromThrowable(one.attest(attestation).end().orElseThrow());

        assertEquals(Code.INVALID_ARGUMENT, refusal.getCode(), refusal::toString);
        assertEquals("failed to attest: join token does not exist or has already been used", refusal.getDescription());
    }

    private static boolean isLetIn(TestServer at, String token) throws Exception {
        ByteString csr = Request.bare().der();
        return at.attest(TestServer.attestation("join_token", token, csr)).endsOrAnswers();
    }

    @Test
    void ofManyThatMakeTheSameEntryOneDoes() throws Exception {
        var entry = TestServer.entry(TestConfig.id("/node"), TestConfig.id("/e"), "unix:uid:1")
                .build();
        var request = BatchCreateEntryRequest.newBuilder().addEntries(entry).build();
        List<Callable<Boolean>> tries = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            var at = i % 2 == 0 ? one : two;
            tries.add(() -> at.entries()
                            .batchCreateEntry(request)
                            .getResults(0)
                            .getStatus()
                            .getCode()
                    == 0);
        }

        assertEquals(1, count(tries));
    }

    private static long count(List<Callable<Boolean>> tries) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long successes = 0;
            for (var done : threads.invokeAll(tries)) {
                successes += done.get() ? 1 : 0;
            }
            return successes;
        }
    }

    @Test
    void anAuthorityThatOneHasPreparedIsTrustedByTheOtherBeforeItSigns() throws Exception {
        bothTrustBoth();
        var prepared = rotation(one)
                .prepareX509Authority(PrepareX509AuthorityRequest.getDefaultInstance())
                .getPreparedAuthority()
                .getAuthorityId();
        Eventually.holds(
                "the other has it in its bundle", () -> authorities(two).size() == 3);

        var _ = rotation(one)
                .activateX509Authority(ActivateX509AuthorityRequest.newBuilder()
                        .setAuthorityId(prepared)
                        .build());

        assertEquals(prepared, active(one));
        var svid = one.join();
        Eventually.holds("the other lets it in", () -> served(agent(two, svid)).isEmpty());
        var refused = Refused.with(
                Code.INVALID_ARGUMENT,
                () -> rotation(two)
                        .activateX509Authority(ActivateX509AuthorityRequest.newBuilder()
                                .setAuthorityId(prepared)
                                .build()));
        assertEquals("unexpected authority ID", refused);
    }

    @Test
    void whileOneIsAwayTheOtherGoesOnAndBothMeetAgain() throws Exception {
        bothTrustBoth();
        var svid = one.join();
        Eventually.holds(
                "the other knows the node", () -> served(agent(two, svid)).isEmpty());
        var first = active(one);

        one.close();
        var _ = two.create(
                TestServer.entry(svid.id(), TestConfig.id("/e"), "unix:uid:1").setId("e"));
        assertEquals(Set.of("e"), served(agent(two, svid)));
        one = one.again();

        assertEquals(first, active(one));
        assertEquals(Set.of("e"), served(agent(one, svid)));
        var second = active(two);
        two.close();
        var _ = one.create(
                TestServer.entry(svid.id(), TestConfig.id("/f"), "unix:uid:1").setId("f"));
        two = two.again();
        assertEquals(second, active(two));
        assertEquals(Set.of("e", "f"), served(agent(two, svid)));
        assertEquals(2, authorities(one).size());
        assertTrue(authorities(one).equals(authorities(two)));
    }
}
