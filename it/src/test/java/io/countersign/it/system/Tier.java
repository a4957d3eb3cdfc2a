// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One server of a trust domain and an agent of it, both of one side. What runs as this test's user is the workload: the test
 * itself, and the server of a tier below.
 */
final class Tier implements AutoCloseable {
    static final TrustDomain TRUST_DOMAIN = new TrustDomain("tiers.test");

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Server server;
    private final Side agent;
    private final Path folder;
    private final int port;
    private Proof proof;
    private Datastore datastore;
    private Optional<Daemon> runningServer = Optional.empty();
    private Optional<Daemon> runningAgent = Optional.empty();

    /**
     * @param settings further ones of the block {@code server}
     * @param plugins further ones
     */
    private record Server(Side side, TrustDomain domain, String settings, String plugins) {
        Server(Side side, String settings, String plugins) {
            this(side, TRUST_DOMAIN, settings, plugins);
        }
    }

    /** What the server's plugin is told of its database. */
    private record Datastore(String type, String connection) {
        String inHcl() {
            return "DataStore \"sql\" { plugin_data { database_type = \"%s\" connection_string = \"%s\" } }"
                    .formatted(type, connection.replace("\\", "\\\\").replace("\"", "\\\""));
        }
    }

    /** How the agent proves itself. */
    private sealed interface Proof {
        /** By a token, which makes it the node {@code /nodes}. */
        record Token() implements Proof {}

        /** In another way; an entry makes it the node {@code /nodes}. */
        record Other(NodeProof proof) implements Proof {}
    }

    private Tier(Server server, Side agent, Proof proof, Path folder, int port) {
        this.server = server;
        this.agent = agent;
        this.proof = proof;
        this.folder = folder;
        this.port = port;
        datastore = new Datastore("sqlite3", folder + "/server.sqlite3");
    }

    /** @param folder of this tier alone; a short path, as sockets want it */
    static Tier root(Side side, Path folder) throws Exception {
        return start(new Server(side, "", ""), side, new Proof.Token(), folder);
    }

    /** Of another trust domain than all other tiers. */
    static Tier elsewhere(Side side, TrustDomain domain, Path folder) throws Exception {
        return start(new Server(side, domain, "", ""), side, new Proof.Token(), folder);
    }

    /** With an agent of another side, perhaps, that proves itself in that way. */
    static Tier attested(Side server, Side agent, NodeProof proof, Path folder) throws Exception {
        return start(
                new Server(server, "agent_ttl = \"20s\"", proof.onServer()), agent, new Proof.Other(proof), folder);
    }

    /** With an agent that joins by a token, and a server with such settings, where it may come back with the proof. */
    static Tier joined(Side server, Side agent, String settings, NodeProof proof, Path folder) throws Exception {
        return start(new Server(server, settings, proof.onServer()), agent, new Proof.Token(), folder);
    }

    /** A tier whose server's authorities this one's server signs. */
    Tier below(Side its, Path home) throws Exception {
        var upstream = """
                UpstreamAuthority "spire" {
                  plugin_data { server_address = "127.0.0.1" server_port = "%d" workload_api_socket = "%s" }
                }
                """.formatted(port, workloadApi());
        return start(new Server(its, "", upstream), its, new Proof.Token(), home);
    }

    private static Tier start(Server server, Side agent, Proof proof, Path folder) throws Exception {
        Files.createDirectories(folder.resolve("agent"));
        var tier = new Tier(server, agent, proof, folder, freePort());
        try {
            tier.startServer();
            tier.startAgent();
            return tier;
        } catch (Exception | AssertionError e) {
            tier.close();
            throw e;
        }
    }

    private static int freePort() {
        return FreePort.find();
    }

    /** Starts the server, for the first time or after it has been stopped. */
    void startServer() throws Exception {
        var config = serverConfig("server.conf");
        runningServer = Optional.of(Daemon.startReady(
                folder.resolve("server.log"),
                server.side().command(Part.SERVER, List.of("run", "-config", config.toString())),
                () -> Files.exists(folder.resolve("server.sock"))
                        && ask("bundle", "show").code() == 0));
    }

    void stopServer() throws InterruptedException {
        runningServer.orElseThrow().close();
        runningServer = Optional.empty();
    }

    /** Copies what the stopped server keeps into another database, on which it is started. */
    void moveTo(String type, String connection) throws Exception {
        var from = serverConfig("server.conf");
        datastore = new Datastore(type, connection);
        var to = serverConfig("moved.conf");
        var copied = Outcome.of(
                Map.of(),
                server.side()
                        .command(
                                Part.SERVER,
                                List.of("datastore", "copy", "-from", from.toString(), "-to", to.toString())));
        assertEquals(0, copied.code(), copied::toString);
        startServer();
    }

    private Path serverConfig(String name) throws IOException {
        return Files.writeString(folder.resolve(name), """
                server {
                  bind_address = "127.0.0.1"
                  bind_port = "%1$d"
                  socket_path = "%2$s/server.sock"
                  trust_domain = "%3$s"
                  data_dir = "%2$s"
                  %5$s
                  log_level = "INFO"
                  ratelimit { attestation = false  signing = false }
                  %4$s
                }
                plugins {
                  %6$s
                  NodeAttestor "join_token" { plugin_data {} }
                  KeyManager "disk" { plugin_data { keys_path = "%2$s/keys.json" } }
                  %7$s
                }
                """.formatted(
                        port,
                        folder,
                        server.domain(),
                        // ours hears of a new entry at once
                        server.side() == Side.ORIGINAL ? "experimental { cache_reload_interval = \"500ms\" }" : "",
                        server.settings(),
                        datastore.inHcl(),
                        server.plugins()));
    }

    /** Starts an agent, for the first time or in place of one that has ended: it has to prove itself. */
    void startAgent() throws Exception {
        agentConfig();
        var command = agentCommand(introduce());
        runningAgent = Optional.of(Daemon.startReady(folder.resolve("agent.log"), command, this::isServing));
    }

    /** Starts another agent in place of one that has ended, which proves itself in that way. */
    void startAgent(NodeProof its) throws Exception {
        proof = new Proof.Other(its);
        startAgent();
    }

    /** Starts the agent that has ended once more, as it was; nothing waits for it. */
    Daemon startAgentAgain() throws IOException {
        var again = Daemon.start(folder.resolve("agent.log"), agentCommand(List.of()), Map.of());
        runningAgent = Optional.of(again);
        return again;
    }

    Daemon agent() {
        return runningAgent.orElseThrow();
    }

    private List<String> agentCommand(List<String> flags) {
        var words = new ArrayList<>(
                List.of("run", "-config", folder.resolve("agent.conf").toString()));
        words.addAll(flags);
        return agent.command(Part.AGENT, words);
    }

    private void agentConfig() throws Exception {
        var bundle = folder.resolve("bundle.pem");
        Files.writeString(bundle, command("bundle", "show"));
        Files.writeString(folder.resolve("agent.conf"), """
                agent {
                  data_dir = "%1$s/agent"
                  log_level = "INFO"
                  server_address = "127.0.0.1"
                  server_port = %2$d
                  socket_path = "%3$s"
                  trust_bundle_path = "%4$s"
                  trust_domain = "%5$s"
                  experimental { sync_interval = "500ms" }
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  %6$s
                  WorkloadAttestor "unix" { plugin_data {} }
                }
                """.formatted(
                        folder, port, workloadApi(), bundle, server.domain(), agentAttestor()));
    }

    /** Sees to it that the agent will be the node {@code /nodes}, and gives the flags that it needs for it. */
    private List<String> introduce() throws Exception {
        return switch (proof) {
            case Proof.Token() ->
                List.of(
                        "-joinToken",
                        command("token", "generate", "-spiffeID", nodes()).split("\\s+", -1)[1]);
            case Proof.Other(var other) -> {
                var words = new ArrayList<>(List.of("entry", "create", "-spiffeID", nodes()));
                words.addAll(other.alias());
                var _ = command(words.toArray(String[]::new));
                yield List.of();
            }
        };
    }

    private String nodes() {
        return server.domain().idString() + "/nodes";
    }

    private String agentAttestor() {
        return switch (proof) {
            case Proof.Token() -> "NodeAttestor \"join_token\" { plugin_data {} }";
            case Proof.Other(var other) -> other.onAgent();
        };
    }

    private boolean isServing() {
        if (!Files.exists(workloadApi())) {
            return false;
        }
        try (var client = client()) {
            client.fetchX509Bundles();
            return true;
        } catch (WorkloadApiException e) {
            return e.code() == Status.Code.PERMISSION_DENIED;
        }
    }

    Path workloadApi() {
        return folder.resolve("agent.sock");
    }

    private WorkloadApiClient client() {
        return WorkloadApiClient.connect("unix://" + workloadApi(), Duration.ofSeconds(20));
    }

    private Outcome ask(String... words) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of("-socketPath", folder.resolve("server.sock").toString()));
        return Outcome.of(Map.of(), server.side().command(Part.SERVER, all));
    }

    /** What a command prints to whoever runs this tier's server. */
    String command(String... words) throws IOException, InterruptedException {
        var outcome = ask(words);
        assertEquals(0, outcome.code(), outcome::toString);
        return outcome.out();
    }

    /** As {@link #command}, in JSON. */
    JsonObject json(String... words) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of("-output", "json"));
        return JsonParser.parseString(command(all.toArray(String[]::new))).getAsJsonObject();
    }

    /** Gives this test's user an identity, and waits until it is there. */
    void register(String path, String... flags) throws Exception {
        int uid = (Integer) Files.getAttribute(folder, "unix:uid");
        var words = new ArrayList<>(List.of("entry", "create", "-parentID", nodes(), "-selector", "unix:uid:" + uid));
        words.addAll(List.of("-spiffeID", server.domain().idString() + path));
        words.addAll(List.of(flags));
        var _ = command(words.toArray(String[]::new));
        Await.until(
                PATIENCE,
                "there is no identity " + path,
                () -> svid().id().path().equals(path));
    }

    /** The identity that the agent gives to this test. */
    X509Svid svid() {
        try (var client = client()) {
            return client.fetchX509Context().defaultSvid();
        }
    }

    String token(String audience) {
        try (var client = client()) {
            return client.fetchJwtSvid(audience).token();
        }
    }

    /** What the agent gives to this test to verify others with. */
    TrustBundle workloadBundle() {
        try (var client = client()) {
            return client.fetchX509Context().bundle(server.domain()).orElseThrow();
        }
    }

    /** What the server publishes. */
    TrustBundle bundle() throws IOException, InterruptedException {
        return TrustBundle.parse(
                server.domain(), command("bundle", "show", "-format", "spiffe").getBytes(StandardCharsets.UTF_8));
    }

    /** Lets another X.509 authority sign, and gives the id of the one that did. */
    String replaceAuthority() throws IOException, InterruptedException {
        var former = authority();
        activate(prepareAuthority());
        return former;
    }

    /** The id of the X.509 authority that signs. */
    String authority() throws IOException, InterruptedException {
        return id(json("localauthority", "x509", "show"), "active");
    }

    /** The id of one that is published and does not sign yet. */
    String prepareAuthority() throws IOException, InterruptedException {
        return id(json("localauthority", "x509", "prepare"), "prepared_authority");
    }

    void activate(String authority) throws IOException, InterruptedException {
        var _ = command("localauthority", "x509", "activate", "-authorityID", authority);
    }

    private static String id(JsonObject answer, String state) {
        return answer.getAsJsonObject(state).get("authority_id").getAsString();
    }

    @Override
    public void close() throws InterruptedException {
        if (runningAgent.isPresent()) {
            runningAgent.get().close();
        }
        if (runningServer.isPresent()) {
            runningServer.get().close();
        }
    }
}
