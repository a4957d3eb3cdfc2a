// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import io.countersign.rpc.RpcChannels;
import io.countersign.server.Server;
import io.countersign.server.config.ServerConfigFile;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.SPIFFEID;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real server in a folder of its own, whose keys are served. */
final class TestSource implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Server server;
    private final ManagedChannel channel;

    private TestSource(Server server, Path socket) {
        this.server = server;
        this.channel = RpcChannels.unix(socket);
    }

    /** @param issuer what tokens are to say */
    static TestSource start(Path folder, String issuer) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, """
                server {
                  bind_address = "127.0.0.1"
                  bind_port = "%3$d"
                  trust_domain = "example.org"
                  data_dir = "%1$s"
                  socket_path = "%1$s/api.sock"
                  jwt_issuer = "%2$s"
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "%1$s/datastore.sqlite3" } }
                  KeyManager "memory" { plugin_data {} }
                  NodeAttestor "join_token" { plugin_data {} }
                }
                """.formatted(folder, issuer, FreePort.find()));
        return new TestSource(Server.start(ServerConfigFile.read(file, false, Map.of())), folder.resolve("api.sock"));
    }

    String mint(String path, String audience) {
        return SVIDGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .mintJWTSVID(MintJWTSVIDRequest.newBuilder()
                        .setId(SPIFFEID.newBuilder()
                                .setTrustDomain("example.org")
                                .setPath(path))
                        .addAudience(audience)
                        .build())
                .getSvid()
                .getToken();
    }

    /** Another key is in the bundle afterwards. */
    void prepareKey() {
        LocalAuthorityGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .prepareJWTAuthority(PrepareJWTAuthorityRequest.getDefaultInstance());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
    }
}
