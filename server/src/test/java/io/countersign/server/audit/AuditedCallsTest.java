// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.ca.x509.KeyIds;
import io.countersign.launch.audit.AuditSettings;
import io.countersign.launch.audit.AuditSettings.Sync;
import io.countersign.launch.audit.ChainCheck;
import io.countersign.launch.audit.ChainCheck.Finding;
import io.countersign.server.Eventually;
import io.countersign.server.Refused;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.config.ServerConfig.Oversight;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.NewDownstreamX509CARequest;
import io.countersign.serverapi.svid.NewJWTSVIDRequest;
import io.countersign.serverapi.svid.NewX509SVIDParams;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server writes about what is done with it, before it answers. */
@Timeout(60)
class AuditedCallsTest {
    private static final SpiffeId ADMIN = TestConfig.id("/admin");
    private static final SpiffeId BELOW = TestConfig.id("/below");

    @TempDir
    Path folder;

    private Path file;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        file = folder.resolve("audit/audit.jsonl");
        server = TestServer.start(folder, config -> audited(TestConfig.admins(config, ADMIN), 1 << 20));
    }

    private ServerConfig audited(ServerConfig config, long maxSize) {
        return TestConfig.oversight(
                config,
                new Oversight(
                        Optional.of(new AuditSettings(file, maxSize, 0, Sync.DISK)),
                        Optional.empty(),
                        Optional.empty()));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private List<JsonObject> lines() throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    private List<JsonObject> lines(String event) throws IOException {
        return lines().stream()
                .filter(line -> text(line, "event").equals(event))
                .toList();
    }

    private JsonObject last(String event) throws IOException {
        return lines(event).getLast();
    }

    private static String text(JsonObject line, String name) {
        return line.has(name) ? line.get(name).getAsString() : "";
    }

    private static String about(JsonObject line, String name) {
        return text(line.getAsJsonObject("about"), name);
    }

    private static String caller(JsonObject line, String name) {
        return text(line.getAsJsonObject("caller"), name);
    }

    @Test
    void x509SvidsAreToldByEntryAndSerialNumber() throws Exception {
        var agent = server.join();
        var entry = server.create(TestServer.entry(agent.id(), TestConfig.id("/web"), "unix:uid:1"));
        var svids = TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(agent)));
        var request = Request.bare();

        var answer = svids.batchNewX509SVID(BatchNewX509SVIDRequest.newBuilder()
                .addParams(
                        NewX509SVIDParams.newBuilder().setEntryId(entry.getId()).setCsr(request.der()))
                .addParams(NewX509SVIDParams.newBuilder().setEntryId("unknown").setCsr(request.der()))
                .build());

        var leaf = TestServer.svid(answer.getResults(0).getSvid(), request.keys())
                .chain()
                .getFirst();
        var issued = lines("x509_svid.issue").getFirst();
        assertEquals("OK", text(issued, "result"));
        assertEquals(entry.getId(), about(issued, "entry_id"));
        assertEquals("spiffe://example.org/web", about(issued, "spiffe_id"));
        assertEquals(leaf.getSerialNumber().toString(), about(issued, "serial"));
        assertEquals(KeyIds.authority(leaf), about(issued, "authority_id"));
        assertEquals(leaf.getNotAfter().toInstant().toString(), about(issued, "expires_at"));
        assertEquals("agent", caller(issued, "as"));
        assertEquals(agent.chain().getFirst().getSerialNumber().toString(), caller(issued, "serial"));
        assertTrue(caller(issued, "address").startsWith("127.0.0.1:"));
        var refused = last("x509_svid.issue");
        assertEquals("NOT_FOUND", text(refused, "result"));
        assertEquals("entry not found or not authorized", text(refused, "reason"));
        assertEquals("unknown", about(refused, "entry_id"));
    }

    @Test
    void tokensAreToldWithoutThemselves() throws Exception {
        var agent = server.join();
        var entry = server.create(TestServer.entry(agent.id(), TestConfig.id("/web"), "unix:uid:1"));
        var svids = TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(agent)));

        var token = svids.newJWTSVID(NewJWTSVIDRequest.newBuilder()
                        .setEntryId(entry.getId())
                        .addAudience("db")
                        .build())
                .getSvid()
                .getToken();

        var issued = last("jwt_svid.issue");
        assertEquals("spiffe://example.org/web", about(issued, "spiffe_id"));
        assertEquals("db", about(issued, "audience"));
        assertFalse(about(issued, "authority_id").isEmpty());
        assertFalse(Files.readString(file).contains(token.substring(token.lastIndexOf('.'))));
    }

    @Test
    void nodesAndServersBelowAreTold() throws Exception {
        var agent = server.join();
        var attested = last("node.attest");
        assertEquals("join_token", about(attested, "attestor"));
        assertEquals(agent.chain().getFirst().getSerialNumber().toString(), about(attested, "serial"));

        var _ = server.create(TestServer.entry(agent.id(), BELOW, "unix:uid:1").setDownstream(true));
        var below = TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(server.mint(BELOW))));
        var _ = below.newDownstreamX509CA(NewDownstreamX509CARequest.newBuilder()
                .setCsr(Request.bare().der())
                .build());
        var issued = last("x509_ca.issue");
        assertEquals("downstream", caller(issued, "as"));
        assertEquals(BELOW.toString(), caller(issued, "spiffe_id"));
        assertFalse(about(issued, "serial").isEmpty());
        assertEquals("OK", text(last("x509_svid.mint"), "result"));
    }

    @Test
    void changesAreToldBeforeAndAfterTheyAreMade() throws Exception {
        var entry = server.create(TestServer.entry(TestConfig.id("/node"), TestConfig.id("/web"), "unix:user:secret"));
        var _ = server.entries()
                .batchDeleteEntry(BatchDeleteEntryRequest.newBuilder()
                        .addIds(entry.getId())
                        .addIds("unknown")
                        .build());

        var created = lines("entry.create");
        assertEquals(
                List.of("ASKED", "OK"),
                created.stream().map(line -> text(line, "result")).toList());
        assertEquals(entry.getId(), about(created.getLast(), "entry_id"));
        assertEquals("spiffe://example.org/node", about(created.getLast(), "parent_id"));
        assertEquals("local", caller(created.getLast(), "as"));
        assertEquals(Long.toString(ProcessHandle.current().pid()), caller(created.getLast(), "pid"));
        assertFalse(caller(created.getLast(), "uid").isEmpty());
        assertEquals(
                List.of("ASKED", "ASKED", "OK", "NOT_FOUND"),
                lines("entry.delete").stream().map(line -> text(line, "result")).toList());
        assertFalse(Files.readString(file).contains("unix:user:secret"), "selectors may hold secrets");
    }

    @Test
    void refusalsAreToldWithTheirReason() throws Exception {
        var member = server.mint(TestConfig.id("/member"));
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(member)));
        Refused.with(Code.PERMISSION_DENIED, () -> agents.countAgents(CountAgentsRequest.getDefaultInstance()));

        var refused = last("call");
        assertEquals("PERMISSION_DENIED", text(refused, "result"));
        assertEquals("/spire.api.server.agent.v1.Agent/CountAgents", caller(refused, "method"));
        assertTrue(text(refused, "reason").startsWith("authorization denied for method"));
        assertEquals("spiffe://example.org/member", caller(refused, "spiffe_id"));

        var replies = server.attest(TestServer.attestation(
                "join_token", "unknown-token", Request.bare().der()));
        assertTrue(replies.end().isPresent());
        var turnedAway = last("node.attest");
        assertEquals("INVALID_ARGUMENT", text(turnedAway, "result"));
        assertEquals("join_token", about(turnedAway, "attestor"));

        Refused.with(
                Code.NOT_FOUND,
                () -> server.agents()
                        .banAgent(BanAgentRequest.newBuilder()
                                .setId(Ids.message(TestConfig.id("/spire/agent/x")))
                                .build()));
        assertEquals(
                List.of("ASKED", "NOT_FOUND"),
                lines("agent.ban").stream().map(line -> text(line, "result")).toList());
    }

    @Test
    void whatACallerMakesLongIsToldInShort() throws Exception {
        var type = "x".repeat(100 << 10);
        var replies =
                server.attest(TestServer.attestation(type, "any", Request.bare().der()));
        assertTrue(replies.end().isPresent());

        assertTrue(about(last("node.attest"), "attestor").endsWith("…(102400)"));
        assertShort("node.attest");

        var agent = server.join();
        var entry = server.create(TestServer.entry(agent.id(), TestConfig.id("/web"), "unix:uid:1"));
        var _ = TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(agent)))
                .newJWTSVID(NewJWTSVIDRequest.newBuilder()
                        .setEntryId(entry.getId())
                        .addAudience("x".repeat(40 << 10))
                        .build());

        assertTrue(about(last("jwt_svid.issue"), "audience").endsWith("…(40960)"));
        assertShort("jwt_svid.issue");
    }

    private void assertShort(String event) throws IOException {
        var line = Files.readAllLines(file).stream()
                .filter(each -> each.contains("\"event\":\"" + event + "\""))
                .toList()
                .getLast();
        assertTrue(line.length() < 8192, () -> line.length() + " characters");
    }

    @Test
    void noSecretIsTold() throws Exception {
        var token = server.agents()
                .createJoinToken(CreateJoinTokenRequest.newBuilder()
                        .setTtl(60)
                        .setToken("chosen-by-an-operator")
                        .setAgentId(Ids.message(TestConfig.id("/alias")))
                        .build())
                .getValue();
        var parent = TestConfig.id("/spire/agent/join_token/" + token);
        var _ = server.create(TestServer.entry(parent, TestConfig.id("/web"), "unix:uid:1"));
        assertEquals("true", about(last("token.create"), "value_chosen_by_caller"));
        var agent = server.join(token);
        var _ = server.agents()
                .banAgent(BanAgentRequest.newBuilder()
                        .setId(Ids.message(agent.id()))
                        .build());
        var text = Files.readString(file);
        assertFalse(text.contains(token), "a token is in the file");
        assertFalse(text.contains("BEGIN"), "PEM is in the file");
        assertTrue(about(last("agent.ban"), "agent").contains("/spire/agent/join_token/sha256:"));
        assertEquals(about(last("agent.ban"), "agent"), about(last("node.attest"), "spiffe_id"));
    }

    @Test
    void nothingIsIssuedOrChangedThatCannotBeTold() throws Exception {
        server.close();
        server = TestServer.start(folder, config -> audited(config, 4096));
        var entry = TestServer.entry(TestConfig.id("/node"), TestConfig.id("/first"), "unix:uid:1");
        var _ = server.create(entry);
        // with its folder away the file can be written until it is full, and then no new one begun
        Files.move(file.getParent(), folder.resolve("away"));

        Eventually.holds("nothing is minted any more", () -> {
            try {
                var _ = server.mint(TestConfig.id("/second"));
                return false;
            } catch (StatusRuntimeException e) {
                return e.getStatus().getCode() == Code.INTERNAL;
            }
        });
        var refusal = Refused.with(
                Code.INTERNAL,
                () -> server.entries()
                        .batchCreateEntry(io.countersign.serverapi.entry.BatchCreateEntryRequest.newBuilder()
                                .addEntries(
                                        TestServer.entry(TestConfig.id("/node"), TestConfig.id("/third"), "unix:uid:1"))
                                .build()));
        assertTrue(refusal.startsWith("the audit file cannot be written"), refusal);
        assertEquals(
                1,
                server.entries()
                        .countEntries(io.countersign.serverapi.entry.CountEntriesRequest.getDefaultInstance())
                        .getCount());

        Files.createDirectory(file.getParent());
        var _ = server.mint(TestConfig.id("/fourth"));
        assertEquals("OK", text(last("x509_svid.mint"), "result"));
    }

    @Test
    void chainGoesOnWhenTheServerIsStartedAgain() throws Exception {
        var _ = server.mint(TestConfig.id("/web"));
        server.close();
        server = server.again();
        var _ = server.mint(TestConfig.id("/web"));
        assertTrue(ChainCheck.run(List.of(file), Optional.empty()) instanceof Finding.Intact);
        assertEquals(2, lines("audit.open").size());
        assertEquals(1, lines("audit.close").size());
    }
}
