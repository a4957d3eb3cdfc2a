// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A spire-server that looks at its database twice a second, and what its operator does with it. */
public final class OriginalServer implements AutoCloseable {
    private static final int TOKEN_SECONDS = 600;

    private final String trustDomain;
    private final int port;
    private final Path folder;
    private final Path socket;
    private final Daemon daemon;
    private final ManagedChannel channel;

    private OriginalServer(String trustDomain, int port, Path folder, Path socket, Daemon daemon) {
        this.trustDomain = trustDomain;
        this.port = port;
        this.folder = folder;
        this.socket = socket;
        this.daemon = daemon;
        this.channel = RpcChannels.unix(socket);
    }

    /**
     * Starts one whose files are in a folder of its own below this one.
     *
     * @param intermediate whether its certificates come from an authority above it
     */
    public static OriginalServer start(Path below, String trustDomain, boolean intermediate) throws Exception {
        var folder = Files.createDirectory(below.resolve(trustDomain));
        var socket = folder.resolve("api.sock");
        int port = freePort();
        var config = folder.resolve("server.conf");
        Files.writeString(config, """
                server {
                  bind_address = "127.0.0.1"
                  bind_port = %d
                  socket_path = "%s"
                  trust_domain = "%s"
                  data_dir = "%s"
                  log_level = "WARN"
                  ca_ttl = "24h"
                  default_x509_svid_ttl = "1h"
                  experimental { cache_reload_interval = "500ms" }
                }
                plugins {
                  DataStore "sql" {
                    plugin_data { database_type = "sqlite3" connection_string = "%s/server.sqlite3" }
                  }
                  NodeAttestor "join_token" { plugin_data {} }
                  KeyManager "memory" { plugin_data {} }
                  %s
                }
                """.formatted(
                        port, socket, trustDomain, folder, folder, intermediate ? upstream(folder, trustDomain) : ""));
        var daemon = Daemon.startReady(
                folder.resolve("server.log"),
                List.of(Programs.foreign("spire-server").toString(), "run", "-config", config.toString()),
                () -> Files.exists(socket) && command(socket, "bundle", "show").code() == 0);
        return new OriginalServer(trustDomain, port, folder, socket, daemon);
    }

    private static String upstream(Path folder, String trustDomain) throws Exception {
        var root = TestAuthority.create(folder, trustDomain, "-1d", 30);
        var certificate = Files.writeString(folder.resolve("root.pem"), root.certificate());
        var key = Files.writeString(folder.resolve("root.key"), root.key());
        return """
                UpstreamAuthority "disk" {
                  plugin_data { cert_file_path = "%s" key_file_path = "%s" }
                }
                """.formatted(certificate, key);
    }

    /** A port of the loopback interface that nobody listens on. */
    public static int freePort() {
        return FreePort.find();
    }

    public String trustDomain() {
        return trustDomain;
    }

    int port() {
        return port;
    }

    /** A token whose node has the entries of this alias as well. */
    String joinToken(String alias) {
        return AgentGrpc.newBlockingStub(channel)
                .createJoinToken(CreateJoinTokenRequest.newBuilder()
                        .setTtl(TOKEN_SECONDS)
                        .setAgentId(id(alias))
                        .build())
                .getValue();
    }

    SPIFFEID id(String path) {
        return SPIFFEID.newBuilder().setTrustDomain(trustDomain).setPath(path).build();
    }

    /** An entry below the nodes' alias, for all programs of a user. */
    public Entry.Builder entry(String path, int uid) {
        return Entry.newBuilder()
                .setSpiffeId(id(path))
                .setParentId(id(TwoAgents.ALIAS))
                .addSelectors(Selector.newBuilder().setType("unix").setValue("uid:" + uid));
    }

    /** Registers it and gives its id. */
    public String create(Entry.Builder entry) {
        var result = EntryGrpc.newBlockingStub(channel)
                .batchCreateEntry(
                        BatchCreateEntryRequest.newBuilder().addEntries(entry).build())
                .getResults(0);
        assertEquals(0, result.getStatus().getCode(), result.getStatus().getMessage());
        return result.getEntry().getId();
    }

    /** Replaces all fields of the entry with that id. */
    public void update(Entry.Builder entry) {
        var status = EntryGrpc.newBlockingStub(channel)
                .batchUpdateEntry(
                        BatchUpdateEntryRequest.newBuilder().addEntries(entry).build())
                .getResults(0)
                .getStatus();
        assertEquals(0, status.getCode(), status.getMessage());
    }

    public void delete(String id) {
        var status = EntryGrpc.newBlockingStub(channel)
                .batchDeleteEntry(
                        BatchDeleteEntryRequest.newBuilder().addIds(id).build())
                .getResults(0)
                .getStatus();
        assertEquals(0, status.getCode(), status.getMessage());
    }

    /** Runs a command of the original against this server and gives what it prints. */
    public String command(String... words) throws IOException, InterruptedException {
        var outcome = command(socket, words);
        assertEquals(0, outcome.code(), outcome::toString);
        return outcome.out();
    }

    /** Has its X.509 authorities shown or changed, and gives the id of the one that has become this. */
    String authority(String command, String state) throws IOException, InterruptedException {
        var json = JsonParser.parseString(command("localauthority", "x509", command, "-output", "json"))
                .getAsJsonObject();
        return json.getAsJsonObject(state).get("authority_id").getAsString();
    }

    private static Outcome command(Path socket, String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(Programs.foreign("spire-server").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("-socketPath", socket.toString()));
        return Outcome.of(Map.of(), command);
    }

    /** Lets this server's entries federate with the trust domain of another. */
    public void learnBundleOf(OriginalServer other) throws IOException, InterruptedException {
        var file = Files.createTempFile(folder, "bundle", ".json");
        Files.writeString(file, other.command("bundle", "show", "-format", "spiffe"));
        command("bundle", "set", "-format", "spiffe", "-id", "spiffe://" + other.trustDomain, "-path", file.toString());
    }

    /** Lets this server's entries federate with a trust domain one of whose two authorities has ended. */
    public void learnBundleWithExpired(String other) throws Exception {
        var file = Files.createTempFile(folder, "bundle", ".pem");
        Files.writeString(
                file,
                TestAuthority.create(folder, other, "-10d", 1).certificate()
                        + TestAuthority.create(folder, other, "-1d", 30).certificate());
        command("bundle", "set", "-id", "spiffe://" + other, "-path", file.toString());
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow();
        daemon.close();
    }
}
