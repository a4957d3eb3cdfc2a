// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.agent.cli.Outcome;
import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.launch.audit.AuditSettings;
import io.countersign.launch.audit.AuditSettings.Sync;
import io.countersign.plugin.workload.WorkloadAttestor.Source;
import io.countersign.rpc.RpcChannels;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.serverapi.types.Selector;
import io.countersign.workloadapi.Watcher;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.countersign.workloadapi.X509Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent writes about whom it gives what. */
final class AgentAuditTest {
    @TempDir
    private Path folder;

    private FakeServer server;
    private AgentConfig config;
    private RunningAgent agent;
    private Path file;

    @BeforeEach
    void open() throws Exception {
        server = FakeServer.start();
        server.tokens.add("token");
        file = folder.resolve("audit.jsonl");
        config = TestConfig.withAudit(
                TestConfig.of(folder, server, Optional.of("token")), new AuditSettings(file, 1 << 20, 0, Sync.KERNEL));
        agent = RunningAgent.start(config, folder.resolve("agent.sock"));
    }

    @AfterEach
    void close() throws Exception {
        agent.close();
        server.close();
    }

    private void register(String id, String path) {
        var here = TestEndpoint.here();
        server.change(server.entry(id, path)
                .clearSelectors()
                .addSelectors(Selector.newBuilder().setType(here.type()).setValue(here.value())));
        server.push();
    }

    private WorkloadApiClient client() {
        return WorkloadApiClient.connect(folder.resolve("agent.sock").toString(), Duration.ofSeconds(20));
    }

    private List<JsonObject> lines(String event) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .filter(line -> line.get("event").getAsString().equals(event))
                .toList();
    }

    private static String text(JsonObject line, String part, String name) {
        return line.getAsJsonObject(part).get(name).getAsString();
    }

    private void assertIsMe(JsonObject line, String method) {
        assertEquals(method, text(line, "caller", "method"));
        assertEquals(Long.toString(ProcessHandle.current().pid()), text(line, "caller", "pid"));
        assertEquals(TestEndpoint.here().value(), "uid:" + text(line, "caller", "uid"));
        assertEquals(ProcessHandle.current().info().command().orElseThrow(), text(line, "caller", "executable"));
    }

    @Test
    void everyIdentityThatIsGivenIsWrittenOnce() throws Exception {
        register("a", "/web");
        try (var client = client()) {
            Eventually.holds(
                    "an identity", () -> client.fetchX509Context().svids().size() == 1);
            var svid = client.fetchX509Context().defaultSvid();
            var line = lines("x509_svid.give").getLast();
            assertIsMe(line, "/SpiffeWorkloadAPI/FetchX509SVID");
            var here = TestEndpoint.here();
            assertTrue(text(line, "caller", "selectors").contains(here.type() + ":" + here.value()));
            assertEquals("spiffe://example.org/web", text(line, "about", "spiffe_id"));
            assertEquals(svid.leaf().getSerialNumber().toString(), text(line, "about", "serial"));
            assertEquals(svid.expiresAt().toString(), text(line, "about", "expires_at"));

            var token = client.fetchJwtSvid("there");
            var told = lines("jwt_svid.give").getFirst();
            assertIsMe(told, "/SpiffeWorkloadAPI/FetchJWTSVID");
            assertEquals("there", text(told, "about", "audience"));
            assertEquals(token.expiresAt().toString(), text(told, "about", "expires_at"));
            assertFalse(Files.readString(file).contains(token.token()));
        }
    }

    @Test
    void aStreamIsWrittenForWhatIsNewInIt() throws Exception {
        register("a", "/web");
        try (var client = client()) {
            Eventually.holds(
                    "an identity", () -> client.fetchX509Context().svids().size() == 1);
            int before = lines("x509_svid.give").size();
            var seen = new CopyOnWriteArrayList<Integer>();
            try (var watch = client.watchX509Context(new Watcher<>() {
                @Override
                public void onUpdate(X509Context update) {
                    seen.add(update.svids().size());
                }

                @Override
                public void onError(WorkloadApiException error) {}
            })) {
                Eventually.holds("the first", () -> seen.contains(1));
                register("b", "/more");
                Eventually.holds("the second", () -> seen.contains(2));
                var lines = lines("x509_svid.give");
                assertEquals(before + 2, lines.size());
                assertEquals("spiffe://example.org/more", text(lines.getLast(), "about", "spiffe_id"));
            }
        }
    }

    @Test
    void secretsOfEnvoyAreWrittenToo() throws Exception {
        register("a", "/web");
        var channel = RpcChannels.unix(folder.resolve("agent.sock"));
        try {
            var stub = SecretDiscoveryServiceGrpc.newBlockingStub(channel);
            Eventually.holds(
                    "a secret",
                    () -> stub.fetchSecrets(DiscoveryRequest.newBuilder()
                                            .addResourceNames("default")
                                            .build())
                                    .getResourcesCount()
                            == 1);
        } finally {
            channel.shutdownNow();
        }
        var line = lines("x509_svid.give").getLast();
        assertIsMe(line, "/envoy.service.secret.v3.SecretDiscoveryService/FetchSecrets");
        assertEquals("spiffe://example.org/web", text(line, "about", "spiffe_id"));
    }

    @Test
    void aRefusalIsWrittenOnceAMinute() throws Exception {
        try (var client = client()) {
            for (int i = 0; i < 3; i++) {
                assertThrows(WorkloadApiException.class, client::fetchX509Context);
            }
            assertThrows(WorkloadApiException.class, () -> client.fetchJwtSvid("x"));
        }
        var lines = lines("call");
        assertEquals(2, lines.size(), lines::toString);
        assertEquals("PERMISSION_DENIED", lines.getFirst().get("result").getAsString());
        assertEquals("no identity issued", lines.getFirst().get("reason").getAsString());
        assertIsMe(lines.getFirst(), "/SpiffeWorkloadAPI/FetchX509SVID");
        assertTrue(text(lines.getFirst(), "caller", "selectors").contains("unix:uid:"));
    }

    @Test
    void valuesOfAnEnvironmentAreNotWritten() throws Exception {
        agent.close();
        server.change(server.entry("a", "/web")
                .clearSelectors()
                .addSelectors(Selector.newBuilder().setType("docker").setValue("env:PW=s3cret")));
        var engine = new AttestorConfig.Plugin("docker", caller -> Map.of("env:PW=s3cret", Source.SERVICE));
        agent = RunningAgent.start(TestConfig.withAttestors(config, List.of(engine)), folder.resolve("agent.sock"));
        try (var client = client()) {
            Eventually.holds(
                    "an identity", () -> client.fetchX509Context().svids().size() == 1);
        }
        assertEquals("docker:env:PW=…", text(lines("x509_svid.give").getLast(), "caller", "selectors"));
        assertFalse(Files.readString(file).contains("s3cret"));
    }

    @Test
    void tamperingIsFound() throws Exception {
        register("a", "/web");
        try (var client = client()) {
            Eventually.holds(
                    "an identity", () -> client.fetchX509Context().svids().size() == 1);
        }
        agent.close();
        var intact = Outcome.run("audit", "verify", file.toString());
        assertEquals(0, intact.code(), intact::err);
        assertTrue(intact.out().startsWith("Lines 1 to "), intact::out);

        Files.writeString(file, Files.readString(file).replace("/web", "/wet"));
        var broken = Outcome.run("audit", "verify", file.toString());
        assertEquals(1, broken.code());
        assertTrue(broken.err().contains("was edited"), broken::err);
    }
}
