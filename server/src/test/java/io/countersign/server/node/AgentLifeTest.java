// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import io.countersign.server.Refused;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AgentGrpc.AgentBlockingStub;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.AgentMask;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an agent after it was let in. */
@Timeout(60)
class AgentLifeTest {
    private static final PostStatusRequest STATUS =
            PostStatusRequest.newBuilder().setAgentVersion("1.2.3").build();

    @TempDir
    Path folder;

    private TestServer server;
    private X509Svid svid;
    private AgentBlockingStub agent;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        svid = server.join();
        agent = as(svid);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private AgentBlockingStub as(X509Svid shown) {
        return TestServer.waiting(AgentGrpc.newBlockingStub(server.as(shown)));
    }

    private static RenewAgentRequest renewal(ByteString csr) {
        return RenewAgentRequest.newBuilder()
                .setParams(AgentX509SVIDParams.newBuilder().setCsr(csr))
                .build();
    }

    private Agent known() {
        return server.agents()
                .getAgent(GetAgentRequest.newBuilder()
                        .setId(Ids.message(svid.id()))
                        .build());
    }

    private void ban() {
        var _ = server.agents()
                .banAgent(BanAgentRequest.newBuilder()
                        .setId(Ids.message(svid.id()))
                        .build());
    }

    private void delete() {
        var _ = server.agents()
                .deleteAgent(DeleteAgentRequest.newBuilder()
                        .setId(Ids.message(svid.id()))
                        .build());
    }

    @Test
    void theOldCertificateCountsUntilTheNewOneIsShown() throws Exception {
        server.clock.advance(Duration.ofSeconds(2));
        var request = Request.bare();
        var renewed = TestServer.svid(agent.renewAgent(renewal(request.der())).getSvid(), request.keys());
        assertEquals(svid.id(), renewed.id());
        assertNotEquals(serial(svid), serial(renewed));
        assertEquals(serial(svid), known().getX509SvidSerialNumber());

        var _ = agent.postStatus(STATUS);
        var _ = as(renewed).postStatus(STATUS);

        assertEquals(serial(renewed), known().getX509SvidSerialNumber());
        assertEquals(Reason.AGENT_NOT_ACTIVE, Refused.reason(() -> agent.postStatus(STATUS)));
        var _ = as(renewed).postStatus(STATUS);
    }

    @Test
    void ofTwoRenewedCertificatesTheLaterCounts() throws Exception {
        var first = Request.bare();
        var second = Request.bare();
        var lost = TestServer.svid(agent.renewAgent(renewal(first.der())).getSvid(), first.keys());
        var kept = TestServer.svid(agent.renewAgent(renewal(second.der())).getSvid(), second.keys());

        assertEquals(Reason.AGENT_NOT_ACTIVE, Refused.reason(() -> as(lost).postStatus(STATUS)));
        var _ = as(kept).postStatus(STATUS);
    }

    private static String serial(X509Svid of) {
        return of.chain().getFirst().getSerialNumber().toString();
    }

    @Test
    void aRenewalNeedsAGoodRequest() {
        Refused.with(Code.INVALID_ARGUMENT, () -> agent.renewAgent(RenewAgentRequest.getDefaultInstance()));
        Refused.with(Code.INVALID_ARGUMENT, () -> agent.renewAgent(renewal(ByteString.EMPTY)));
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> agent.renewAgent(renewal(Request.unproven().der())));
    }

    @Test
    void aBannedAgentIsToldSoAndStaysKnown() throws Exception {
        ban();

        assertEquals(Reason.AGENT_BANNED, Refused.reason(() -> agent.postStatus(STATUS)));
        assertEquals(
                Reason.AGENT_BANNED,
                Refused.reason(() -> agent.renewAgent(renewal(Request.bare().der()))));
        assertEquals(true, known().getBanned());
        assertEquals("", known().getX509SvidSerialNumber());
    }

    @Test
    void aRenewedCertificateDoesNotLiftABan() throws Exception {
        var request = Request.bare();
        var renewed = TestServer.svid(agent.renewAgent(renewal(request.der())).getSvid(), request.keys());

        ban();

        assertEquals(Reason.AGENT_BANNED, Refused.reason(() -> as(renewed).postStatus(STATUS)));
    }

    @Test
    void aDeletedAgentIsToldSo() throws Exception {
        delete();

        assertEquals(Reason.AGENT_NOT_ATTESTED, Refused.reason(() -> agent.postStatus(STATUS)));
        Refused.with(Code.NOT_FOUND, this::known);
        assertEquals("agent not found", Refused.with(Code.NOT_FOUND, this::delete));
        assertEquals("agent not found", Refused.with(Code.NOT_FOUND, this::ban));
    }

    @Test
    void theVersionThatAnAgentPostsIsShown() {
        var _ = agent.postStatus(STATUS);

        assertEquals("1.2.3", known().getAgentVersion());
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> agent.postStatus(PostStatusRequest.newBuilder()
                        .setAgentVersion("v".repeat(256))
                        .build()));
        var _ = agent.postStatus(
                PostStatusRequest.newBuilder().setAgentVersion("v".repeat(255)).build());
    }

    @Test
    void whatIsKnownOfAnAgentSurvivesARestart() throws Exception {
        var _ = agent.postStatus(STATUS);
        var before = known();

        server.close();
        server = server.again();

        assertEquals(before, known());
        var _ = as(svid).postStatus(STATUS);
    }

    @Test
    void aMaskLeavesWhatItNames() {
        var masked = server.agents()
                .getAgent(GetAgentRequest.newBuilder()
                        .setId(Ids.message(svid.id()))
                        .setOutputMask(AgentMask.newBuilder().setAttestationType(true))
                        .build());

        assertEquals(
                Agent.newBuilder()
                        .setId(Ids.message(svid.id()))
                        .setAttestationType("join_token")
                        .build(),
                masked);
    }

    @Test
    void anIdThatNoAgentCanHaveIsRefused() {
        var foreign = Ids.message(TestConfig.id("/x")).toBuilder().setTrustDomain("other.org");

        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.agents()
                        .getAgent(GetAgentRequest.newBuilder().setId(foreign).build()));
    }
}
