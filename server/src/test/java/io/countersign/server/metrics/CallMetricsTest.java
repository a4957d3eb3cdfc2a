// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.server.Eventually;
import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig.Oversight;
import io.countersign.serverapi.entry.CountEntriesRequest;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server's numbers, as Prometheus fetches them. */
@Timeout(60)
class CallMetricsTest {
    @TempDir
    Path folder;

    /** The right-hand side is what spire-server 1.15.3 shows. */
    @ParameterizedTest
    @CsvSource({
        "spire.api.server.agent.v1.Agent/AttestAgent,rpc_agent_v1_agent_attest_agent",
        "spire.api.server.svid.v1.SVID/MintX509SVID,rpc_svid_v1_svid_mint_x509svid",
        "spire.api.server.bundle.v1.Bundle/PublishJWTAuthority,rpc_bundle_v1_bundle_publish_jwt_authority",
        "spire.api.server.trustdomain.v1.TrustDomain/ListFederationRelationships,"
                + "rpc_trustdomain_v1_trust_domain_list_federation_relationships",
    })
    void methodsHaveTheOriginalsNames(String method, String name) {
        assertEquals(name, CallMetrics.name(method));
    }

    @Test
    void callsAndSignaturesAreCounted() throws Exception {
        var address = free();
        var telemetry = new TelemetrySettings(address, Optional.empty(), false, false);
        var oversight = new Oversight(Optional.empty(), Optional.empty(), Optional.of(telemetry));
        try (var server = TestServer.start(folder, config -> TestConfig.oversight(config, oversight))) {
            var _ = server.entries().countEntries(CountEntriesRequest.getDefaultInstance());
            Refused.with(
                    Code.NOT_FOUND,
                    () -> server.entries()
                            .getEntry(GetEntryRequest.newBuilder().setId("x").build()));
            var _ = server.join();

            Eventually.holds("they are counted", () -> {
                var text = fetch(address);
                return text.contains("\nspire_server_rpc_entry_v1_entry_count_entries{status=\"OK\"} 1\n")
                        && text.contains("\nspire_server_rpc_entry_v1_entry_get_entry{status=\"NotFound\"} 1\n")
                        && text.contains(
                                "\nspire_server_rpc_agent_v1_agent_attest_agent_elapsed_time_count{status=\"OK\"} 1\n");
            });
            var text = fetch(address);
            assertTrue(text.contains("\nspire_server_server_ca_sign_x509_svid 1\n"), text);
            assertTrue(text.contains(
                    "\nspire_server_manager_x509_ca_rotate_ttl{trust_domain_id=\"example_org\"} 86400\n"));
            assertTrue(text.contains("\nspire_server_started{trust_domain_id=\"example_org\",version=\"dev\"} 1\n"));
            assertTrue(text.contains("\n# TYPE spire_server_rpc_entry_v1_entry_count_entries counter\n"));
            assertTrue(text.contains("\n# TYPE spire_server_rpc_entry_v1_entry_count_entries_elapsed_time summary\n"));
        }
    }

    private static InetSocketAddress free() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    private static String fetch(InetSocketAddress address) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/metrics"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }
}
