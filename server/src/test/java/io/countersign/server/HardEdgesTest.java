// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.NewX509SVIDParams;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks that step, entries that end between two prunings, and requests that are too large. */
@Timeout(60)
class HardEdgesTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Two seconds is what an NTP client steps by without a word. */
    @ParameterizedTest
    @ValueSource(ints = {-2, 2})
    void aStepOfTheClockHurtsNobody(int seconds) throws Exception {
        var agent = server.join();
        var entry = server.create(TestServer.entry(agent.id(), TestConfig.id("/web"), "unix:uid:1"));
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(agent)));
        var before = server.mint(TestConfig.id("/before"));

        server.clock.advance(Duration.ofSeconds(seconds));

        var now = server.clock.instant();
        var _ = agents.postStatus(PostStatusRequest.getDefaultInstance());
        var request = Request.bare();
        var renewed = agents.renewAgent(RenewAgentRequest.newBuilder()
                .setParams(AgentX509SVIDParams.newBuilder().setCsr(request.der()))
                .build());
        var issued = TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(agent)))
                .batchNewX509SVID(BatchNewX509SVIDRequest.newBuilder()
                        .addParams(NewX509SVIDParams.newBuilder()
                                .setEntryId(entry.getId())
                                .setCsr(request.der()))
                        .build())
                .getResults(0)
                .getSvid();
        var bundle = server.bundle();
        for (var svid : List.of(
                before,
                server.mint(TestConfig.id("/after")),
                TestServer.svid(renewed.getSvid(), request.keys()),
                TestServer.svid(issued, request.keys()))) {
            for (var certificate : svid.chain()) {
                certificate.checkValidity(java.util.Date.from(now));
            }
            svid.chain()
                    .getLast()
                    .verify(bundle.x509Authorities().iterator().next().getPublicKey());
        }
        var token = server.svids()
                .mintJWTSVID(MintJWTSVIDRequest.newBuilder()
                        .setId(Ids.message(TestConfig.id("/web")))
                        .addAudience("a")
                        .build())
                .getSvid()
                .getToken();
        assertEquals(
                now.plus(server.config.lives().jwtSvid()),
                JwtSvid.parseInsecure(token).expiresAt());
    }

    /** A node's clock may be behind the server's: certificates begin a little earlier than now. */
    @Test
    void whatIsSignedHoldsForAClockThatIsBehind() throws Exception {
        var svid = server.mint(TestConfig.id("/web"));
        svid.chain()
                .getFirst()
                .checkValidity(java.util.Date.from(server.clock.instant().minusSeconds(2)));
    }

    /** The original hands out an entry until its next pruning (reference, spire.md 10.5 no. 3). */
    @Test
    void anExpiredEntryGivesNothingEvenBeforeItIsTakenAway() throws Exception {
        var agent = server.join();
        var end = server.clock.instant().plusSeconds(10).getEpochSecond();
        var entry = server.create(TestServer.entry(agent.id(), TestConfig.id("/web"), "unix:uid:1")
                .setExpiresAt(end));
        var admin = TestConfig.id("/admin");
        var _ = server.create(
                TestServer.entry(agent.id(), admin, "unix:uid:2").setAdmin(true).setExpiresAt(end));
        var entries = TestServer.waiting(EntryGrpc.newBlockingStub(server.as(agent)));
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(server.mint(admin))));
        assertEquals(
                2,
                entries.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                        .getEntriesCount());
        var _ = agents.countAgents(CountAgentsRequest.getDefaultInstance());

        server.clock.advance(Duration.ofSeconds(10));

        assertEquals(
                0,
                entries.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                        .getEntriesCount());
        assertEquals(Code.NOT_FOUND, issue(agent, entry.getId()));
        Refused.with(Code.PERMISSION_DENIED, () -> agents.countAgents(CountAgentsRequest.getDefaultInstance()));
    }

    private Code issue(X509Svid agent, String entry) {
        var result = TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(agent)))
                .batchNewX509SVID(BatchNewX509SVIDRequest.newBuilder()
                        .addParams(NewX509SVIDParams.newBuilder()
                                .setEntryId(entry)
                                .setCsr(Request.bare().der()))
                        .build())
                .getResults(0);
        return Status.fromCodeValue(result.getStatus().getCode()).getCode();
    }

    /** gRPC's own limit, 4 MiB, which is the original's, too. */
    @Test
    void aMessageThatIsTooLargeIsRefusedAndTheServerGoesOn() {
        var large = MintX509SVIDRequest.newBuilder()
                .setCsr(ByteString.copyFrom(new byte[5 << 20]))
                .build();
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> server.svids().mintX509SVID(large));
        var _ = server.mint(TestConfig.id("/web"));
    }

    /** Whoever is let wait for his turn holds what he has sent, so that is looked at first. */
    @Test
    void aNodeThatShowsTooMuchIsRefused() throws Exception {
        var csr = Request.bare().der();
        var replies = server.attest(TestServer.attestation("join_token", "x".repeat(1 << 20), csr));

        var status = Status.fromThrowable(replies.end().orElseThrow());
        assertEquals(Code.INVALID_ARGUMENT, status.getCode());
        var words = String.valueOf(status.getDescription());
        assertTrue(words.endsWith("expected at most 262144 bytes"), words);
        var _ = server.join();
    }

    @Test
    void aRequestThatIsRubbishIsRefusedWhateverItsSize() {
        for (int size : new int[] {1, 1000, 3 << 20}) {
            var rubbish = new byte[size];
            rubbish[0] = 0x30;
            Refused.with(
                    Code.INVALID_ARGUMENT,
                    () -> server.svids()
                            .mintX509SVID(MintX509SVIDRequest.newBuilder()
                                    .setCsr(ByteString.copyFrom(rubbish))
                                    .build()));
        }
    }
}
