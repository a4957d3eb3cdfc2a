// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.it.differential.agent.OriginalServer;
import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Client libraries of others at our agent: each fetches everything there is and validates it itself. Run by root, as the
 * backend's user, whom our agent knows by what the kernel says.
 */
@Tag("foreign")
class ForeignClientsTest {
    private static final String BACKEND = "spiffe://example.org/ns/demo/sa/backend";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static RunningSystem system;

    @BeforeAll
    static void start() throws Exception {
        system = RunningSystem.start();
    }

    @AfterAll
    static void stop() throws Exception {
        system.close();
    }

    private static void assertSeesEverything(String... client) throws Exception {
        var command = new ArrayList<>(List.of("setpriv", "--reuid=70003", "--regid=70003", "--clear-groups"));
        command.addAll(List.of(client));
        var socket = system.state().resolve("agent/public/api.sock");
        var outcome = Outcome.of(Map.of("SPIFFE_ENDPOINT_SOCKET", "unix://" + socket), command);
        assertEquals(0, outcome.code(), outcome::err);
        var seen = JsonParser.parseString(outcome.out()).getAsJsonObject();
        assertEquals(BACKEND, seen.get("x509_id").getAsString());
        assertEquals(BACKEND, seen.get("jwt_id").getAsString());
        assertEquals(BACKEND, seen.get("validated_by_api").getAsString());
        assertEquals(1, seen.get("x509_authorities").getAsInt());
        assertEquals(1, seen.get("jwt_authorities").getAsInt());
    }

    @Test
    void goSpiffe() throws Exception {
        assertSeesEverything(Programs.foreign("gospiffe").toString());
    }

    @Test
    void rustSpiffe() throws Exception {
        assertSeesEverything(Programs.foreign("rustspiffe").toString());
    }

    @Test
    void pySpiffe() throws Exception {
        var script = Path.of("foreign/pyspiffe.py").toAbsolutePath();
        assertSeesEverything(Programs.foreign("py/bin/python").toString(), script.toString());
    }

    @Test
    void javaSpiffe() throws Exception {
        var program = Programs.foreign("javaspiffe");
        assertSeesEverything(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                program.resolve("classes") + ":" + program.resolve("lib") + "/*",
                "Look");
    }

    /** What spire-agent does not serve. */
    @Test
    void envoyAsksForIncrementsOfSecrets(@TempDir Path folder) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        int admin = OriginalServer.freePort();
        var config = folder.resolve("envoy.yaml");
        Files.writeString(config, """
                node: { id: increments, cluster: increments }
                admin: { address: { socket_address: { address: 127.0.0.1, port_value: %1$d } } }
                static_resources:
                  listeners:
                  - name: secured
                    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                    filter_chains:
                    - filters:
                      - name: tcp
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                          stat_prefix: nowhere
                          cluster: agent
                      transport_socket:
                        name: tls
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                          common_tls_context:
                            tls_certificate_sds_secret_configs:
                            - name: "%2$s"
                              sds_config: &increments
                                resource_api_version: V3
                                api_config_source:
                                  api_type: DELTA_GRPC
                                  transport_api_version: V3
                                  grpc_services: [ { envoy_grpc: { cluster_name: agent } } ]
                            validation_context_sds_secret_config: { name: "spiffe://example.org", sds_config: *increments }
                  clusters:
                  - name: agent
                    type: STATIC
                    http2_protocol_options: {}
                    load_assignment:
                      cluster_name: agent
                      endpoints: [ { lb_endpoints: [ { endpoint: { address: { pipe: { path: "%3$s" } } } } ] } ]
                """.formatted(admin, BACKEND, system.state().resolve("agent/public/api.sock")));
        var command = List.of(
                "setpriv",
                "--reuid=70003",
                "--regid=70003",
                "--clear-groups",
                Programs.foreign("envoy").toString(),
                "-c",
                config.toString(),
                "--disable-hot-restart");
        var server = system.state().resolve("server/private/api.sock");
        try (var envoy = Daemon.startReady(
                        folder.resolve("log"), command, () -> !serial(admin).isEmpty());
                var renewals = new ForcedRenewals(server, "/ns/demo/sa/backend")) {
            var before = serial(admin);
            renewals.next();
            Await.until(
                    PATIENCE,
                    "Envoy goes on with the old certificate",
                    () -> !serial(admin).equals(before));
            assertTrue(envoy.isAlive(), envoy::toString);
        }
    }

    /** Of the certificate in use; fails as long as there is none. */
    private static String serial(int admin) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/certs"))
                .build();
        try (var client = HttpClient.newHttpClient()) {
            var said = client.send(request, BodyHandlers.ofString()).body();
            var certificates = JsonParser.parseString(said).getAsJsonObject().getAsJsonArray("certificates");
            return certificates.asList().stream()
                    .flatMap(each -> each.getAsJsonObject().getAsJsonArray("cert_chain").asList().stream())
                    .map(each -> each.getAsJsonObject().get("serial_number").getAsString())
                    .findFirst()
                    .orElseThrow();
        }
    }
}
