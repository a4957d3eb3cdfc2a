// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.server.Refused;
import io.countersign.server.Replies;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.agentpath.AgentPathTemplate;
import io.countersign.server.agentpath.AgentPathTemplate.Fields;
import io.countersign.server.config.NodeAttestorSettings.Trust;
import io.countersign.server.config.NodeAttestorSettings.X509Pop;
import io.countersign.server.node.NodePki.Holder;
import io.countersign.server.node.NodePki.Wish;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a node gets in, again and again, by a certificate that it has from elsewhere. */
@Timeout(60)
class X509PopTest {
    private static final Fields FIELDS = new Fields(
            Set.of("PluginName", "Fingerprint", "SVIDPathTrimmed", "Subject.CommonName"), Set.of("URISanSelectors"));

    @TempDir
    Path folder;

    private final Instant now = Instant.now();
    private final Holder root = NodePki.root("root", now);
    private final KeyPair keys = NodePki.ec();
    private Optional<TestServer> started = Optional.empty();

    @AfterEach
    void close() {
        started.ifPresent(TestServer::close);
    }

    private TestServer start(X509Pop settings) throws Exception {
        var server = TestServer.start(folder, config -> TestConfig.nodeAttestors(config, settings));
        started = Optional.of(server);
        return server;
    }

    private X509Pop settings(String path) {
        return new X509Pop(
                new Trust.External(List.of(root.certificate())), AgentPathTemplate.parse(path, FIELDS), 4, 8192, false);
    }

    private TestServer start() throws Exception {
        return start(settings("/{{ .PluginName }}/{{ .Fingerprint }}"));
    }

    private PopNode node(TestServer server, Wish wish) {
        return new PopNode(
                server, List.of(NodePki.node(wish, root)), wish.keys().getPrivate());
    }

    private Wish wish() {
        return Wish.of(keys, now);
    }

    private static Set<String> selectors(TestServer server, SpiffeId id) {
        var agent = server.agents()
                .getAgent(GetAgentRequest.newBuilder().setId(Ids.message(id)).build());
        assertEquals("x509pop", agent.getAttestationType());
        assertTrue(agent.getCanReattest());
        return agent.getSelectorsList().stream()
                .map(selector -> selector.getType() + ":" + selector.getValue())
                .collect(Collectors.toSet());
    }

    private static void assertRefused(Code code, String words, Status status) {
        assertEquals(code, status.getCode(), status::toString);
        assertEquals("nodeattestor(x509pop): " + words, status.getDescription());
    }

    private static void assertDenied(String words, Status status) {
        assertRefused(Code.PERMISSION_DENIED, words, status);
    }

    @Test
    void whoHoldsTheKeyOfATrustedCertificateIsLetIn() throws Exception {
        var server = start();
        var below = NodePki.authority("below", Optional.of(root), now);
        var certificate = NodePki.node(
                wish().uri("x509pop://example.org/zone/eu/west")
                        .uri("x509pop://example.org/no-value")
                        .uri("x509pop://other.org/zone/us"),
                below);

        var admitted = new PopNode(server, List.of(certificate, below.certificate()), keys.getPrivate()).attest();

        var fingerprint = new NodeCertificate(certificate).fingerprint();
        assertEquals(40, fingerprint.length());
        assertEquals(
                TestConfig.id("/spire/agent/x509pop/" + fingerprint),
                admitted.svid().id());
        assertTrue(admitted.reattestable());
        assertEquals(
                Set.of(
                        "x509pop:subject:cn:node-1",
                        "x509pop:serialnumber:0abc",
                        "x509pop:ca:fingerprint:" + new NodeCertificate(below.certificate()).fingerprint(),
                        "x509pop:ca:fingerprint:" + new NodeCertificate(root.certificate()).fingerprint(),
                        "x509pop:san:zone:eu/west"),
                selectors(server, admitted.svid().id()));
    }

    @Test
    void itsSelectorsMakeItANodeOfAnAlias() throws Exception {
        var server = start();
        var alias = TestConfig.id("/nodes");
        var _ = server.create(TestServer.entry(TestConfig.id("/spire/server"), alias, "x509pop:subject:cn:node-1"));
        var entry = server.create(TestServer.entry(alias, TestConfig.id("/workload"), "unix:uid:1"));

        var svid = node(server, wish()).attest().svid();

        var entries = TestServer.waiting(EntryGrpc.newBlockingStub(server.as(svid)))
                .getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                .getEntriesList();
        assertTrue(entries.stream().anyMatch(each -> each.getId().equals(entry.getId())), entries::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {222, 32})
    void anRsaKeyProvesByPssWhateverItsSalt(int salt) throws Exception {
        var server = start();
        var wish = Wish.of(NodePki.keys("RSA", 2048), now);
        var node = node(server, wish);

        assertTrue(node.attest(salt).reattestable());
        var other = NodePki.keys("RSA", 2048).getPrivate();
        assertDenied(
                "challenge response verification failed: RSA signature verify failed",
                node.refusal(challenge -> PopNode.answer(challenge, other, salt)));
        assertDenied(
                "challenge response verification failed: expecting RSA response",
                node.refusal(
                        _ -> "{\"rsa_signature\":null,\"ecdsa_signature\":{\"nonce\":\"\",\"r\":\"\",\"s\":\"\"}}"));
    }

    @Test
    void aWrongProofLetsNobodyIn() throws Exception {
        var server = start();
        var node = node(server, wish());
        var thief = NodePki.ec().getPrivate();
        var failed = "challenge response verification failed: ";

        assertDenied(
                failed + "ECDSA signature verify failed", node.refusal(challenge -> PopNode.answer(challenge, thief)));
        assertDenied(
                failed + "expecting ECDSA response", node.refusal(_ -> "{\"rsa_signature\":{\"nonce\":\"AA==\"}}"));
        assertDenied(failed + "expecting ECDSA response", node.refusal(_ -> "{}"));
        assertDenied(
                failed + "invalid response nonce",
                node.refusal(_ -> "{\"ecdsa_signature\":{\"nonce\":\"AA==\",\"r\":\"AA==\",\"s\":\"AA==\"}}"));
        var nothing = "{\"ECDSA_Signature\":{\"Nonce\":\"" + "A".repeat(43) + "=\",\"r\":\"\",\"s\":\"\"}}";
        assertDenied(failed + "ECDSA signature verify failed", node.refusal(_ -> nothing));
        var garbage = node.refusal(_ -> "no json");
        assertEquals(Code.INVALID_ARGUMENT, garbage.getCode());
        assertTrue(String.valueOf(garbage.getDescription())
                .startsWith("nodeattestor(x509pop): unable to unmarshal challenge response: "));
    }

    @Test
    void anAnswerToAnotherChallengeDoesNotCount() throws Exception {
        var server = start();
        var node = node(server, wish());
        var old = new String[1];
        var _ = node.refusal(challenge -> {
            old[0] = PopNode.answer(challenge, keys.getPrivate());
            return "{}";
        });

        assertDenied(
                "challenge response verification failed: ECDSA signature verify failed", node.refusal(_ -> old[0]));
    }

    @Test
    void aCertificateThatIsNotTrustedIsNotEvenAsked() throws Exception {
        var server = start();
        var failed = "certificate verification failed: x509: ";
        var foreign = NodePki.root("root", now);
        var unknown = new PopNode(server, List.of(NodePki.node(wish(), foreign)), keys.getPrivate());
        assertDenied(failed + "certificate signed by unknown authority", unknown.refusal());
        var shown =
                new PopNode(server, List.of(NodePki.node(wish(), foreign), foreign.certificate()), keys.getPrivate());
        assertDenied(failed + "certificate signed by unknown authority", shown.refusal());

        var ended = node(server, wish().life(now.minus(Duration.ofDays(2)), Duration.ofDays(1)));
        var words = String.valueOf(ended.refusal().getDescription());
        assertTrue(
                words.startsWith("nodeattestor(x509pop): " + failed
                        + "certificate has expired or is not yet valid: current time "),
                words);
        assertTrue(words.contains(" is after "), words);
        var early = node(server, wish().life(now.plus(Duration.ofDays(2)), Duration.ofDays(1)));
        assertTrue(String.valueOf(early.refusal().getDescription()).contains(" is before "));
    }

    @Test
    void aNodeIsNoAuthorityForOthers() throws Exception {
        var server = start();
        var first = NodePki.node(wish(), root);
        var second = NodePki.node(Wish.of(NodePki.ec(), now).subject("CN=second"), new Holder(first, keys));

        var node = new PopNode(server, List.of(second, first), keys.getPrivate());

        assertDenied("certificate verification failed: x509: certificate signed by unknown authority", node.refusal());
    }

    @Test
    void aKeyThatMayNotSignIsNotAsked() throws Exception {
        var server = start();

        assertRefused(
                Code.INTERNAL,
                "unable to generate challenge: certificate not intended for digital signature use",
                node(server, wish().usage(KeyUsage.keyAgreement)).refusal());
        assertRefused(
                Code.INTERNAL,
                "unable to generate challenge: unsupported public key type ed25519.PublicKey",
                node(server, Wish.of(NodePki.keys("Ed25519", 0), now)).refusal());
    }

    @Test
    void whatCostsTooMuchIsRefusedFirst() throws Exception {
        var narrow = settings("/{{ .Fingerprint }}");
        var server = start(new X509Pop(narrow.trust(), narrow.agentPath(), 1, 2048, false));
        var leaf = NodePki.node(wish(), root);
        var big = NodePki.node(Wish.of(NodePki.keys("RSA", 3072), now), root);
        var key = keys.getPrivate();

        assertRefused(
                Code.INVALID_ARGUMENT,
                "too many intermediate certificates",
                new PopNode(server, List.of(leaf, root.certificate(), root.certificate()), key).refusal());
        assertRefused(
                Code.INVALID_ARGUMENT,
                "leaf certificate key size too large",
                new PopNode(server, List.of(big), key).refusal());
        assertRefused(
                Code.INVALID_ARGUMENT,
                "intermediate certificate 0 key size too large",
                new PopNode(server, List.of(leaf, big), key).refusal());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                | no certificate to attest
            {"certificates":null}             | no certificate to attest
            {"certificates":[]}               | no certificate to attest
            []                                | failed to unmarshal data: an object is expected around certificates
            {"certificates":"AAAA"}           | failed to unmarshal data: certificates are expected as a list
            {"certificates":["AAAA"]}         | unable to parse leaf certificate: certificate 0 does not begin with a der sequence
            {"certificates":[""]}             | unable to parse leaf certificate: 0 certificates were found
            """)
    void aMalformedPayloadIsRefusedByName(String payload, String words) throws Exception {
        var server = start();

        var replies = server.attest(
                TestServer.attestation("x509pop", payload, Request.bare().der()));

        var status = Status.fromThrowable(replies.end().orElseThrow());
        assertEquals(Code.INVALID_ARGUMENT, status.getCode());
        assertTrue(
                String.valueOf(status.getDescription()).startsWith("nodeattestor(x509pop): " + words),
                status::toString);
    }

    @Test
    void aNodeProvesItselfAgainInsteadOfRenewing() throws Exception {
        var server = start();
        var node = node(server, wish());
        var first = node.attest().svid();
        status(server, first);
        var renewal = RenewAgentRequest.newBuilder()
                .setParams(
                        AgentX509SVIDParams.newBuilder().setCsr(Request.bare().der()))
                .build();
        assertEquals(
                Reason.AGENT_MUST_REATTEST,
                Refused.reason(() -> TestServer.waiting(AgentGrpc.newBlockingStub(server.as(first)))
                        .renewAgent(renewal)));

        var second = node.attest().svid();

        assertEquals(first.id(), second.id());
        assertNotEquals(first.chain(), second.chain());
        status(server, second);
        assertEquals(Reason.AGENT_NOT_ACTIVE, Refused.reason(() -> status(server, first)));
        var _ = server.agents()
                .banAgent(BanAgentRequest.newBuilder()
                        .setId(Ids.message(first.id()))
                        .build());
        var refusal = node.refusal();
        assertEquals(Code.PERMISSION_DENIED, refusal.getCode());
        assertEquals("failed to attest: agent is banned", refusal.getDescription());
    }

    private static void status(TestServer server, X509Svid svid) {
        var _ = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(svid)))
                .postStatus(PostStatusRequest.getDefaultInstance());
    }

    @Test
    void theTemplateMakesTheAgentsId() throws Exception {
        var server = start(settings("/cn/{{ .Subject.CommonName }}/{{ .URISanSelectors.zone }}"));

        var svid = node(server, wish().uri("x509pop://example.org/zone/eu"))
                .attest()
                .svid();

        assertEquals(TestConfig.id("/spire/agent/cn/node-1/eu"), svid.id());
        assertRefused(
                Code.INTERNAL,
                "failed to make spiffe id: the agent path template wants .URISanSelectors.zone, which this agent does"
                        + " not have",
                node(server, wish()).refusal());
        var invalid = node(server, wish().subject("CN=a b").uri("x509pop://example.org/zone/eu"))
                .refusal();
        assertEquals(Code.INTERNAL, invalid.getCode(), invalid::toString);
    }

    @Test
    void anSvidOfTheTrustDomainIsExchangedForANodes() throws Exception {
        var server = start(new X509Pop(
                new Trust.Spiffe("/spire-exchange/"),
                AgentPathTemplate.parse("/{{ .PluginName }}/{{ .SVIDPathTrimmed }}", FIELDS),
                4,
                8192,
                false));
        var exchanged = server.mint(TestConfig.id("/spire-exchange/hosts/one"));
        var other = server.mint(TestConfig.id("/other/one"));

        var svid = new PopNode(server, exchanged.chain(), exchanged.privateKey())
                .attest()
                .svid();

        assertEquals(TestConfig.id("/spire/agent/x509pop/hosts/one"), svid.id());
        assertDenied(
                "x509 cert doesnt match SVID prefix", new PopNode(server, other.chain(), other.privateKey()).refusal());
        assertDenied(
                "certificate verification failed: x509: certificate signed by unknown authority",
                node(server, wish().uri("spiffe://example.org/spire-exchange/two"))
                        .refusal());
    }

    @Test
    void theAddressMayHaveToBeTheCertificates() throws Exception {
        var open = settings("/{{ .Fingerprint }}");
        var server = start(new X509Pop(open.trust(), open.agentPath(), 4, 8192, true));

        assertTrue(node(server, wish().name(GeneralName.iPAddress, "127.0.0.1"))
                .attest()
                .reattestable());
        assertDenied(
                "client IP 127.0.0.1 does not match any certificate IP SAN",
                node(server, wish().name(GeneralName.iPAddress, "192.0.2.1")).refusal());
    }

    @Test
    void aNodeThatLeavesTheChallengeOpenIsTold() throws Exception {
        var server = start();
        var replies = new Replies<AttestAgentResponse>();
        var requests = TestServer.waiting(AgentGrpc.newStub(server.anonymous())).attestAgent(replies);
        var payload = PopNode.payload(List.of(NodePki.node(wish(), root)));
        requests.onNext(
                TestServer.attestation("x509pop", payload, Request.bare().der()));
        assertNotEquals(ByteString.EMPTY, replies.next().getChallenge());

        requests.onCompleted();

        var status = Status.fromThrowable(replies.end().orElseThrow());
        assertEquals(Code.INTERNAL, status.getCode());
        assertEquals("failed to receive challenge from agent: EOF", status.getDescription());
    }
}
