// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.server.Refused;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.AttestationData;
import io.countersign.serverapi.types.JoinToken;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a node gets in: over TCP without a certificate, with a token. */
@Timeout(60)
class AttestationTest {
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

    private JoinToken token(CreateJoinTokenRequest.Builder request) {
        return server.agents().createJoinToken(request.build());
    }

    private Status refusal(AttestAgentRequest request) throws Exception {
        var replies = server.attest(request);
        var status = Status.fromThrowable(replies.end().orElseThrow());
        assertTrue(replies.isEmpty());
        return status;
    }

    @Test
    void aTokenLetsANodeIn() throws Exception {
        var token = token(CreateJoinTokenRequest.newBuilder().setTtl(60)).getValue();

        var svid = server.join(token);

        assertEquals(TestConfig.id("/spire/agent/join_token/" + token), svid.id());
        var leaf = svid.chain().getFirst();
        var now = server.clock.instant();
        assertEquals(svid.id(), X509SvidValidator.verify(svid.chain(), server.bundle(), now));
        assertEquals(now.plus(server.config.lives().agent()), leaf.getNotAfter().toInstant());
        assertEquals(Set.of("2.5.29.15", "2.5.29.19"), leaf.getCriticalExtensionOIDs());
    }

    @Test
    void aTokenLetsOneNodeIn() throws Exception {
        var token = token(CreateJoinTokenRequest.newBuilder().setTtl(60)).getValue();
        var _ = server.join(token);

        var status = refusal(
                TestServer.attestation("join_token", token, Request.bare().der()));

        assertEquals(Code.INVALID_ARGUMENT, status.getCode());
        assertEquals("failed to attest: join token does not exist or has already been used", status.getDescription());
    }

    @Test
    void anExpiredTokenLetsNobodyInAndIsGone() throws Exception {
        var token = token(CreateJoinTokenRequest.newBuilder().setTtl(60));
        assertEquals(server.clock.instant().plusSeconds(60).getEpochSecond(), token.getExpiresAt());
        var request = TestServer.attestation(
                "join_token", token.getValue(), Request.bare().der());

        server.clock.advance(Duration.ofSeconds(60));

        assertEquals("join token expired", refusal(request).getDescription());
        assertEquals(
                "failed to attest: join token does not exist or has already been used",
                refusal(request).getDescription());
    }

    @Test
    void aTokenLastsUntilItsLastSecond() throws Exception {
        var token = token(CreateJoinTokenRequest.newBuilder().setTtl(60)).getValue();

        server.clock.advance(Duration.ofSeconds(59));
        var svid = server.join(token);

        assertTrue(svid.id().path().endsWith(token));
    }

    record Malformed(AttestAgentRequest request, Code code, String words) {}

    static Stream<Malformed> malformed() {
        var csr = Request.bare().der();
        var data = AttestationData.newBuilder().setType("join_token").setPayload(ByteString.copyFromUtf8("t"));
        return Stream.of(
                invalid(AttestAgentRequest.newBuilder(), "malformed param: missing params"),
                invalid(AttestAgentRequest.newBuilder().setChallengeResponse(csr), "malformed param: missing params"),
                invalid(with(AttestAgentRequest.Params.newBuilder()), "malformed param: missing attestation data"),
                invalid(
                        with(AttestAgentRequest.Params.newBuilder().setData(data)),
                        "malformed param: missing X509-SVID parameters"),
                invalid(
                        with(AttestAgentRequest.Params.newBuilder()
                                .setData(data)
                                .setParams(AgentX509SVIDParams.getDefaultInstance())),
                        "malformed param: missing CSR"),
                invalid(attestation("", "t", csr), "malformed param: missing attestation data type"),
                invalid(attestation("join_token", "", csr), "malformed param: missing attestation data payload"),
                invalid(attestation("join_token", "t", ByteString.copyFromUtf8("no csr")), "failed to parse CSR: "),
                invalid(attestation("join_token", "t", csr.concat(csr)), "failed to parse CSR: "),
                invalid(attestation("join_token", "t", csr.substring(0, csr.size() / 2)), "failed to parse CSR: "),
                invalid(attestation("join_token", "t", Request.unproven().der()), "failed to parse CSR: "),
                invalid(attestation("join_token", "never-made", csr), "failed to attest: join token does not exist"),
                invalid(attestation("join_token", "no name", csr), "failed to attest: join token does not exist"),
                invalid(attestation("join_token", "\0", csr), "failed to attest: join token does not exist"),
                new Malformed(
                        attestation("x509pop", "t", csr).build(),
                        Code.FAILED_PRECONDITION,
                        "error getting node attestor: could not find node attestor type \"x509pop\""));
    }

    private static Malformed invalid(AttestAgentRequest.Builder request, String words) {
        return new Malformed(request.build(), Code.INVALID_ARGUMENT, words);
    }

    private static AttestAgentRequest.Builder with(AttestAgentRequest.Params.Builder params) {
        return AttestAgentRequest.newBuilder().setParams(params);
    }

    private static AttestAgentRequest.Builder attestation(String type, String payload, ByteString csr) {
        return TestServer.attestation(type, payload, csr).toBuilder();
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aMalformedRequestIsRefusedByName(Malformed malformed) throws Exception {
        var status = refusal(malformed.request());

        assertEquals(malformed.code(), status.getCode(), status::toString);
        var words = String.valueOf(status.getDescription());
        assertTrue(words.startsWith(malformed.words()), words);
    }

    @Test
    void aBadRequestDoesNotUseUpTheToken() throws Exception {
        var token = token(CreateJoinTokenRequest.newBuilder().setTtl(60)).getValue();

        var _ = refusal(TestServer.attestation("join_token", token, ByteString.copyFromUtf8("no csr")));

        assertEquals("/spire/agent/join_token/" + token, server.join(token).id().path());
    }

    @Test
    void aBanOutlivesANewTokenOfTheSameNameUntilTheAgentIsDeleted() throws Exception {
        var wanted = CreateJoinTokenRequest.newBuilder().setTtl(60).setToken("same");
        var _ = token(wanted);
        var id = Ids.message(server.join("same").id());
        var _ = server.agents().banAgent(BanAgentRequest.newBuilder().setId(id).build());
        var _ = token(wanted);

        var status = refusal(
                TestServer.attestation("join_token", "same", Request.bare().der()));
        assertEquals(Code.PERMISSION_DENIED, status.getCode());
        assertEquals("failed to attest: agent is banned", status.getDescription());

        var _ = server.agents()
                .deleteAgent(DeleteAgentRequest.newBuilder().setId(id).build());
        var _ = token(wanted);
        assertEquals("/spire/agent/join_token/same", server.join("same").id().path());
    }

    @Test
    void aTokenMayMakeAnAliasThatGoesWithItsAgent() throws Exception {
        var alias = TestConfig.id("/node/alias");
        var token = token(CreateJoinTokenRequest.newBuilder().setTtl(60).setAgentId(Ids.message(alias)))
                .getValue();
        var agent = TestConfig.id("/spire/agent/join_token/" + token);
        var entries = server.entries()
                .listEntries(ListEntriesRequest.getDefaultInstance())
                .getEntriesList();
        assertEquals(1, entries.size());
        var entry = entries.getFirst();
        assertEquals(Ids.message(alias), entry.getSpiffeId());
        assertEquals(Ids.message(agent), entry.getParentId());
        assertEquals(List.of(TestServer.selector("spiffe_id:" + agent)), entry.getSelectorsList());
        var kept = server.create(TestServer.entry(agent, TestConfig.id("/workload"), "unix:uid:1"));

        var _ = server.join(token);
        var _ = server.agents()
                .deleteAgent(DeleteAgentRequest.newBuilder()
                        .setId(Ids.message(agent))
                        .build());

        assertEquals(
                List.of(kept),
                server.entries()
                        .listEntries(ListEntriesRequest.getDefaultInstance())
                        .getEntriesList());
    }

    @Test
    void tokensAreRandomUnlessOneIsAskedFor() {
        var first = token(CreateJoinTokenRequest.newBuilder().setTtl(1)).getValue();
        var second = token(CreateJoinTokenRequest.newBuilder().setTtl(1)).getValue();

        assertFalse(first.equals(second));
        assertEquals(
                "mine",
                token(CreateJoinTokenRequest.newBuilder().setTtl(1).setToken("mine"))
                        .getValue());
        Refused.with(
                Code.ALREADY_EXISTS,
                () -> token(CreateJoinTokenRequest.newBuilder().setTtl(1).setToken("mine")));
    }

    static Stream<CreateJoinTokenRequest> refusedTokens() {
        var good = CreateJoinTokenRequest.newBuilder().setTtl(60).build();
        return Stream.of(
                good.toBuilder().setTtl(0).build(),
                good.toBuilder().setTtl(-1).build(),
                good.toBuilder().setToken("a/b c").build(),
                good.toBuilder()
                        .setAgentId(Ids.message(TestConfig.id("/spire/agent/x")))
                        .build(),
                good.toBuilder().setAgentId(Ids.message(TestConfig.id(""))).build());
    }

    @ParameterizedTest
    @MethodSource("refusedTokens")
    void aTokenThatCannotBeIsRefused(CreateJoinTokenRequest request) {
        Refused.with(Code.INVALID_ARGUMENT, () -> server.agents().createJoinToken(request));
    }
}
