// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import io.countersign.it.process.Daemon;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.CountBundlesRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server of one side; both are started with the same text of server.conf. */
record RunningServer(Side side, Path folder, int port, Daemon daemon) implements AutoCloseable {
    static final String TRUST_DOMAIN = "differential.test";

    /** Whose private half nobody has kept. */
    private static final String SSH_AUTHORITY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP/8JIVol3TGJysxgT0OsoX9UF7od6dVtP5/D8WMMIYZ";

    /** @param folder of this server alone; a short path, as sockets want it */
    static RunningServer start(Side side, Path folder) throws Exception {
        return start(side, folder, "");
    }

    /** @param plugin of another type, as the block of server.conf */
    static RunningServer start(Side side, Path folder, String plugin) throws Exception {
        return start(side, folder, plugin, "");
    }

    /** @param more blocks beside the server's and the plugins' */
    static RunningServer start(Side side, Path folder, String plugin, String more) throws Exception {
        Files.createDirectories(folder);
        int port = freePort();
        var config = folder.resolve("server.conf");
        Files.writeString(config, configuration(folder, port, plugin) + more);
        var command = side.command(Part.SERVER, List.of("run", "-config", config.toString()));
        var daemon = Daemon.startReady(folder.resolve("log"), command, () -> isServing(folder.resolve("api.sock")));
        return new RunningServer(side, folder, port, daemon);
    }

    private static String configuration(Path folder, int port, String plugin) {
        return """
                server {
                    bind_address = "127.0.0.1"
                    bind_port = "%d"
                    trust_domain = "%s"
                    data_dir = "%s"
                    socket_path = "%s/api.sock"
                    admin_ids = ["spiffe://%s/named-admin"]
                    log_level = "WARN"
                    ratelimit { attestation = false  signing = false }
                }
                plugins {
                    DataStore "sql" {
                        plugin_data { database_type = "sqlite3"  connection_string = "%s/datastore.sqlite3" }
                    }
                    KeyManager "memory" { plugin_data {} }
                    NodeAttestor "join_token" { plugin_data {} }
                    NodeAttestor "x509pop" { plugin_data { mode = "spiffe" } }
                    NodeAttestor "http_challenge" { plugin_data { allowed_dns_patterns = ["test", "^127"] } }
                    NodeAttestor "sshpop" { plugin_data { cert_authorities = ["%s"] } }
                    NodeAttestor "k8s_psat" {
                        plugin_data {
                            clusters = { "demo" = { service_account_allow_list = ["a:b"] kube_config_file = "%s/none" } }
                        }
                    }
                    %s
                }
                """.formatted(port, TRUST_DOMAIN, folder, folder, TRUST_DOMAIN, folder, SSH_AUTHORITY, folder, plugin);
    }

    Path socket() {
        return folder.resolve("api.sock");
    }

    private static boolean isServing(Path socket) {
        var channel = RpcChannels.unix(socket);
        try {
            var _ = BundleGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .countBundles(CountBundlesRequest.getDefaultInstance());
            return true;
        } finally {
            channel.shutdownNow();
        }
    }

    static int freePort() {
        return FreePort.find();
    }

    @Override
    public void close() throws InterruptedException {
        daemon.close();
    }
}
