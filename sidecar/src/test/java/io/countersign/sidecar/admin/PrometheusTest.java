// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.re2j.Pattern;
import io.countersign.sidecar.stats.Stats;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Envoy 1.40 was seen to print for the same names. */
class PrometheusTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            server.live | envoy_server_live{}
            cluster.app.upstream_rq_200 | envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="app"}
            cluster.app.upstream_rq_5xx | envoy_cluster_upstream_rq_xx{envoy_response_code_class="5",envoy_cluster_name="app"}
            cluster.in.b.upstream_rq_200 | envoy_cluster_b_upstream_rq{envoy_response_code="200",envoy_cluster_name="in"}
            cluster.app.ssl.ciphers.ECDHE-ECDSA-AES128-GCM-SHA256 | envoy_cluster_ssl_ciphers{cipher_suite="ECDHE-ECDSA-AES128-GCM-SHA256",envoy_cluster_name="app"}
            cluster.app.ssl.versions.TLSv1.2 | envoy_cluster_ssl_versions{envoy_ssl_version="TLSv1.2",envoy_cluster_name="app"}
            cluster.app.ssl.curves.X25519 | envoy_cluster_ssl_curves{envoy_ssl_curve="X25519",envoy_cluster_name="app"}
            cluster.in.b.ssl.ciphers.ECDHE-ECDSA-AES128-GCM-SHA256 | envoy_cluster_b_ssl_ciphers_ECDHE_ECDSA_AES128_GCM_SHA256{envoy_cluster_name="in"}
            cluster.app.client_ssl_socket_factory.ssl_context_update_by_sds | envoy_cluster_client_ssl_socket_factory_ssl_context_update_by_sds{envoy_cluster_name="app"}
            cluster.app.ext_authz.error | envoy_cluster_ext_authz_error{envoy_cluster_name="app"}
            http.out.downstream_rq_2xx | envoy_http_downstream_rq_xx{envoy_response_code_class="2",envoy_http_conn_manager_prefix="out"}
            http.in.bound.rbac.allowed | envoy_http_bound_rbac_allowed{envoy_http_conn_manager_prefix="in"}
            http.out.rbac.sh_.shadow_denied | envoy_http_rbac_shadow_denied{envoy_rbac_http_prefix="sh_",envoy_http_conn_manager_prefix="out"}
            http.out.rbac.policy.all.allowed | envoy_http_rbac_policy_allowed{envoy_rbac_policy_name="all",envoy_http_conn_manager_prefix="out"}
            http.out.rbac.sh_.policy.all.shadow_denied | envoy_http_rbac_policy_shadow_denied{envoy_rbac_http_prefix="sh_",envoy_rbac_policy_name="all",envoy_http_conn_manager_prefix="out"}
            http.out.ext_authz.waf.error | envoy_http_ext_authz_error{envoy_ext_authz_prefix="waf",envoy_http_conn_manager_prefix="out"}
            http.out.ext_authz.error | envoy_http_ext_authz_error{envoy_http_conn_manager_prefix="out"}
            net.rbac.shadow_denied | envoy_rbac_shadow_denied{envoy_rbac_prefix="net"}
            net.two.rbac.sh_.shadow_denied | envoy_net_two_rbac_sh__shadow_denied{}
            tcp.t.cp.downstream_cx_total | envoy_tcp_cp_downstream_cx_total{envoy_tcp_prefix="t"}
            listener.127.0.0.1_80.downstream_cx_total | envoy_listener_downstream_cx_total{envoy_listener_address="127.0.0.1_80"}
            listener.[__1]_80.no_filter_chain_match | envoy_listener_no_filter_chain_match{envoy_listener_address="[__1]_80"}
            listener.127.0.0.1_80.ssl.ciphers.TLS_AES_256_GCM_SHA384 | envoy_listener_ssl_ciphers{envoy_ssl_cipher="TLS_AES_256_GCM_SHA384",envoy_listener_address="127.0.0.1_80"}
            listener.127.0.0.1_80.ssl.versions.TLSv1.3 | envoy_listener_ssl_versions{envoy_ssl_version="TLSv1.3",envoy_listener_address="127.0.0.1_80"}
            listener.127.0.0.1_80.ssl.sigalgs.ecdsa_secp256r1_sha256 | envoy_listener_ssl_sigalgs{envoy_ssl_sigalg="ecdsa_secp256r1_sha256",envoy_listener_address="127.0.0.1_80"}
            sds.ROOTCA.update_success | envoy_sds_update_success{envoy_xds_resource_name="ROOTCA"}
            sds.spiffe://example.org/backend.update_success | envoy_sds_org_backend_update_success{envoy_xds_resource_name="spiffe_example"}
            """)
    void nameAndLabelsAreEnvoys(String statistic, String expected) {
        var stats = new Stats();
        stats.count(statistic);

        var lines = page(stats).lines().toList();

        assertEquals("# TYPE " + expected.substring(0, expected.indexOf('{')) + " counter", lines.getFirst());
        assertEquals(expected + " 1", lines.getLast());
    }

    @Test
    void statisticsOfOneFamilyStandTogether() {
        var stats = new Stats();
        stats.count("cluster.a.upstream_rq_200");
        stats.count("cluster.b.upstream_rq_200");
        stats.count("cluster.a.upstream_rq_404");

        var types = page(stats).lines().filter(line -> line.startsWith("#")).toList();

        assertEquals(List.of("# TYPE envoy_cluster_upstream_rq counter"), types);
    }

    @Test
    void timesAreCountedUpToEnvoysLimits() {
        var stats = new Stats();
        var times = stats.histogram("cluster.app.upstream_rq_time");
        times.add(0);
        times.add(5);
        times.add(6);
        times.add(4_000_000);

        var lines = page(stats)
                .lines()
                .collect(Collectors.toMap(line -> line.substring(0, line.lastIndexOf(' ')), Function.identity()));

        var bucket = "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"app\",le=\"%s\"}";
        assertEquals(
                20,
                lines.keySet().stream()
                        .filter(name -> name.contains("_bucket{"))
                        .count());
        assertEquals(bucket.formatted("0.5") + " 1", lines.get(bucket.formatted("0.5")));
        assertEquals(bucket.formatted("5") + " 2", lines.get(bucket.formatted("5")));
        assertEquals(bucket.formatted("10") + " 3", lines.get(bucket.formatted("10")));
        assertEquals(bucket.formatted("3600000") + " 3", lines.get(bucket.formatted("3600000")));
        assertEquals(bucket.formatted("+Inf") + " 4", lines.get(bucket.formatted("+Inf")));
        assertTrue(lines.containsValue("envoy_cluster_upstream_rq_time_sum{envoy_cluster_name=\"app\"} 4000011"));
        assertTrue(lines.containsValue("envoy_cluster_upstream_rq_time_count{envoy_cluster_name=\"app\"} 4"));
        assertTrue(page(stats).startsWith("# TYPE envoy_cluster_upstream_rq_time histogram\n"));
    }

    @Test
    void filterIsOfTheStatisticsOwnNames() {
        var stats = new Stats();
        stats.count("cluster.app.upstream_rq_200");
        stats.histogram("cluster.app.upstream_rq_time").add(1);

        assertEquals("", Prometheus.page(stats, Optional.of(Pattern.compile("^envoy")), false));
        assertTrue(Prometheus.page(stats, Optional.of(Pattern.compile("rq_200$")), false)
                .endsWith("\"app\"} 1\n"));
    }

    @Test
    void whatHasCountedNothingCanBeLeftOut() {
        var stats = new Stats();
        stats.count("cluster.app.upstream_rq_200");
        var _ = stats.counter("cluster.app.upstream_rq_404");

        assertFalse(Prometheus.page(stats, Optional.empty(), true).contains("404"));
        assertTrue(page(stats).contains("404"));
    }

    private static String page(Stats stats) {
        return Prometheus.page(stats, Optional.empty(), false);
    }
}
