// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus reads of an agent. */
final class TelemetryTest {
    @TempDir
    private Path folder;

    private static int freePort() throws Exception {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return listener.getLocalPort();
        }
    }

    @Test
    void anAgentTellsWhatItHasDone() throws Exception {
        try (var server = FakeServer.start()) {
            server.tokens.add("token");
            server.change(server.entry("a", "/web"));
            // after the server, which takes any port
            int port = freePort();
            var telemetry = new TelemetrySettings(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Optional.empty(), false, false);
            var config = TestConfig.withTelemetry(TestConfig.of(folder, server, Optional.of("token")), telemetry);
            try (var agent = RunningAgent.start(config, folder.resolve("agent.sock"));
                    var client = WorkloadApiClient.connect(
                            folder.resolve("agent.sock").toString(), Duration.ofSeconds(20))) {
                Assertions.assertThrows(WorkloadApiException.class, client::fetchX509Context);
                for (var line : List.of(
                        "spire_agent_started{trust_domain_id=\"example_org\"",
                        "spire_agent_uptime_in_ms ",
                        "spire_agent_manager_sync_fetch_entries_updates{status=\"OK\"} ",
                        "spire_agent_manager_sync_fetch_svids_updates{status=\"OK\"} 1\n",
                        "spire_agent_lru_cache_record_map_size 1\n",
                        "spire_agent_lru_cache_svid_map_size 1\n",
                        "spire_agent_jwt_svid_cache_size 0\n",
                        "spire_agent_workload_api_connection 1\n",
                        "spire_agent_rpc_workload_api_fetch_x509svid{status=\"PermissionDenied\"} 1\n")) {
                    Eventually.holds(line, () -> text(port).contains(line));
                }
                assertTrue(text(port).contains("# TYPE spire_agent_workload_api_connections gauge"));
            }
        }
    }

    private static String text(int port) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }
}
