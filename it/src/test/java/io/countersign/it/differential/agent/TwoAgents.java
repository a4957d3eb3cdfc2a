// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.process.Daemon;
import io.countersign.it.process.Side;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Our agent and the original, configured alike, below one original server whose entries are for both. A second server,
 * whose bundle the first one knows, is there to federate with.
 */
public final class TwoAgents implements AutoCloseable {
    static final String ALIAS = "/nodes";

    private final Path folder;
    private final List<AutoCloseable> closing = new ArrayList<>();
    private final Map<Side, Path> sockets = new EnumMap<>(Side.class);
    private final OriginalServer server;
    private OriginalServer partner;

    private TwoAgents(Path folder, OriginalServer server) {
        this.folder = folder;
        this.server = server;
        this.partner = server;
    }

    /**
     * Starts those of the sides that are named, in a folder that every user may enter.
     *
     * @param intermediate whether what the server issues comes with a certificate between leaf and root
     */
    public static TwoAgents start(boolean intermediate, Side... sides) throws Exception {
        var folder = OpenFolder.create();
        var server = OriginalServer.start(folder, "example.org", intermediate);
        var all = new TwoAgents(folder, server);
        all.closing.add(server);
        try {
            all.partner = OriginalServer.start(folder, "partner.example", false);
            all.closing.add(all.partner);
            server.learnBundleOf(all.partner);
            for (var side : sides) {
                all.start(side);
            }
            return all;
        } catch (Exception | AssertionError e) {
            all.close();
            throw e;
        }
    }

    private void start(Side side) throws Exception {
        var home = OpenFolder.below(folder, side.name());
        var socket = home.resolve("public/api.sock");
        sockets.put(side, socket);
        var bundle = home.resolve("bundle.pem");
        Files.writeString(bundle, server.command("bundle", "show"));
        var config = home.resolve("agent.conf");
        Files.writeString(
                config, """
                agent {
                  data_dir = "%1$s"
                  log_level = "WARN"
                  server_address = "127.0.0.1"
                  server_port = %2$d
                  socket_path = "%3$s"
                  admin_socket_path = "%6$s"
                  authorized_delegates = ["spiffe://%5$s/delegate"]
                  trust_bundle_path = "%4$s"
                  trust_domain = "%5$s"
                  experimental { sync_interval = "500ms" }
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  NodeAttestor "join_token" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data {} }
                }
                """.formatted(home, server.port(), socket, bundle, server.trustDomain(), adminSocket(side)));
        var words = List.of("run", "-config", config.toString(), "-joinToken", server.joinToken(ALIAS));
        closing.add(Daemon.startReady(
                home.resolve("agent.log"), side.command(Side.Part.AGENT, words), () -> isServing(socket)));
    }

    private static boolean isServing(Path socket) {
        if (!Files.exists(socket)) {
            return false;
        }
        try (var client = WorkloadApiClient.connect("unix://" + socket)) {
            client.fetchX509Bundles();
            return true;
        } catch (WorkloadApiException e) {
            return e.code() == Status.Code.PERMISSION_DENIED;
        }
    }

    /** Where all files are. */
    public Path folder() {
        return folder;
    }

    public OriginalServer server() {
        return server;
    }

    public OriginalServer partner() {
        return partner;
    }

    public Path socket(Side side) {
        return Objects.requireNonNull(sockets.get(side));
    }

    /** Of which only root may use that of the original, and so both are used by root. */
    public Path adminSocket(Side side) {
        return folder.resolve(side.name()).resolve("private/admin.sock");
    }

    @Override
    public void close() throws Exception {
        for (int i = closing.size() - 1; i >= 0; i--) {
            closing.get(i).close();
        }
        OpenFolder.delete(folder);
    }
}
