// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.process.Daemon;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.Entry;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One of the servers of a trust domain that share a database; everything else is its own. */
final class Replica implements AutoCloseable {
    static final String TRUST_DOMAIN = "twins.test";

    private static final long DEADLINE_SECONDS = 20;

    private final Path folder;
    private final int port;
    private Daemon daemon;

    private Replica(Path folder, int port, Daemon daemon) {
        this.folder = folder;
        this.port = port;
        this.daemon = daemon;
    }

    static Replica start(Path folder, String connection) throws Exception {
        Files.createDirectories(folder);
        int port = FreePort.find();
        Files.writeString(folder.resolve("server.conf"), """
                server {
                  bind_address = "127.0.0.1"
                  bind_port = "%1$d"
                  socket_path = "%2$s/server.sock"
                  trust_domain = "%3$s"
                  data_dir = "%2$s"
                  default_x509_svid_ttl = "60s"
                  agent_ttl = "180s"
                  log_level = "INFO"
                  ratelimit { attestation = false  signing = false }
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "postgres" connection_string = "%4$s" } }
                  NodeAttestor "join_token" { plugin_data {} }
                  KeyManager "disk" { plugin_data { keys_path = "%2$s/keys.json" } }
                }
                """.formatted(
                        port, folder, TRUST_DOMAIN, connection.replace("\\", "\\\\")));
        return new Replica(folder, port, ready(folder));
    }

    private static Daemon ready(Path folder) throws Exception {
        return Daemon.startReady(
                folder.resolve("server.log"),
                Side.OURS.command(
                        Part.SERVER,
                        List.of("run", "-config", folder.resolve("server.conf").toString())),
                () -> bundle(folder).getX509AuthoritiesCount() > 0);
    }

    int port() {
        return port;
    }

    void killAndStartAgain() throws Exception {
        daemon.kill();
        daemon = ready(folder);
    }

    /** Asks over a channel of its own: one that outlives the server would wait before it tries the next one. */
    <T> T ask(Function<ManagedChannel, T> question) {
        return ask(folder, question);
    }

    private static <T> T ask(Path folder, Function<ManagedChannel, T> question) {
        var channel = RpcChannels.unix(folder.resolve("server.sock"));
        try {
            return question.apply(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    static EntryGrpc.EntryBlockingStub entries(ManagedChannel channel) {
        return EntryGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    List<Entry> entries() {
        return ask(channel -> entries(channel)
                .listEntries(ListEntriesRequest.getDefaultInstance())
                .getEntriesList());
    }

    Bundle bundle() {
        return bundle(folder);
    }

    private static Bundle bundle(Path folder) {
        return ask(
                folder,
                channel -> BundleGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                        .getBundle(GetBundleRequest.getDefaultInstance()));
    }

    /** What a command prints to whoever runs this server. */
    String command(String... words) throws Exception {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of("-socketPath", folder.resolve("server.sock").toString()));
        var outcome = Outcome.of(Map.of(), Side.OURS.command(Part.SERVER, all));
        assertEquals(0, outcome.code(), outcome::toString);
        return outcome.out();
    }

    @Override
    public void close() throws InterruptedException {
        daemon.close();
    }
}
