// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.grpc.Status.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ApiMetricsTest {
    /** As spire-agent 1.15.3 makes them, the odd ones included. */
    @ParameterizedTest
    @CsvSource({
        "SpiffeWorkloadAPI/FetchX509SVID,rpc_workload_api_fetch_x509svid",
        "SpiffeWorkloadAPI/ValidateJWTSVID,rpc_workload_api_validate_jwtsvid",
        "envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets,rpc_sds_v3_stream_secrets",
        "grpc.health.v1.Health/Check,rpc_health_check",
        "spire.agent.debug.v1.Debug/GetInfo,rpc_debug_get_info",
        "spire.api.agent.logger.v1.Logger/GetLogger,rpc_logger_get_logger",
        "spire.api.agent.delegatedidentity.v1.DelegatedIdentity/SubscribeToX509SVIDs,"
                + "rpc_delegated_identity_subscribe_to_x509_svids",
        "spire.api.agent.delegatedidentity.v1.DelegatedIdentity/SubscribeToX509Bundles,"
                + "rpc_delegated_identity_subscribe_to_x509_bundles",
    })
    void methodsHaveTheOriginalsNames(String method, String name) {
        assertEquals(name, ApiMetrics.name(method));
    }

    @Test
    void callsAreCountedWhileTheyAreOpenAndWhenTheyHaveEnded() {
        var metrics = new Metrics("spire_agent", Labels.NONE);
        var api = new ApiMetrics(metrics);
        api.began("SpiffeWorkloadAPI/FetchX509SVID");
        api.began("SpiffeWorkloadAPI/FetchX509SVID");
        api.began("grpc.health.v1.Health/Check");
        api.ended("SpiffeWorkloadAPI/FetchX509SVID", Code.PERMISSION_DENIED, 1_000_000);

        var text = metrics.text();
        for (var line : new String[] {
            "spire_agent_workload_api_connection 2\n",
            "spire_agent_workload_api_connections 1\n",
            "spire_agent_rpc_workload_api_fetch_x509svid{status=\"PermissionDenied\"} 1\n",
            "spire_agent_rpc_workload_api_fetch_x509svid_elapsed_time_count{status=\"PermissionDenied\"} 1\n"
        }) {
            assertTrue(text.contains(line), () -> line + " is not in\n" + text);
        }
    }
}
