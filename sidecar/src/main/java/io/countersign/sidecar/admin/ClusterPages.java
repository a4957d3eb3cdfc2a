// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import io.countersign.sidecar.json.Json;
import io.countersign.sidecar.upstream.UpstreamCluster;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The endpoints, what each was asked, and how many more requests a cluster would take, as Envoy lists them. */
final class ClusterPages {
    /** Nothing else can be written in the file. */
    private static final int WEIGHT = 1;

    private final AdminView view;

    ClusterPages(AdminView view) {
        this.view = view;
    }

    String text() {
        var out = new StringBuilder();
        view.clusters().forEach((name, cluster) -> {
            line(out, name, "observability_name", cluster.config().observedName());
            limits(cluster).forEach((limit, most) -> line(out, name + "::default_priority", limit, most));
            line(out, name, "added_via_api", false);
            for (var address : cluster.addresses()) {
                var host = name + "::" + Dumps.text(address);
                var counts = cluster.counts(address);
                var all = new TreeMap<>(counts.counters());
                all.putAll(counts.gauges());
                all.forEach((what, value) -> line(out, host, what, value));
                line(out, host, "health_flags", cluster.isHealthy(address) ? "healthy" : "/failed_active_hc");
                line(out, host, "weight", WEIGHT);
            }
        });
        return out.toString();
    }

    private static void line(StringBuilder out, String of, String what, Object value) {
        out.append(of).append("::").append(what).append("::").append(value).append('\n');
    }

    private static Map<String, Long> limits(UpstreamCluster cluster) {
        var limits = cluster.config().limits();
        return new TreeMap<>(Map.of(
                "max_connections", limits.connections(),
                "max_pending_requests", limits.pendingRequests(),
                "max_requests", limits.requests(),
                "max_retries", limits.retries()));
    }

    String json() {
        var statuses = new ArrayList<Map<String, Object>>();
        view.clusters().forEach((name, cluster) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", name);
            one.put(
                    "host_statuses",
                    cluster.addresses().stream()
                            .map(address -> host(cluster, address))
                            .toList());
            one.put("circuit_breakers", Map.of("thresholds", List.of(limits(cluster))));
            one.put("observability_name", cluster.config().observedName());
            statuses.add(one);
        });
        return Json.write(Map.of("cluster_statuses", statuses));
    }

    private static Map<String, Object> host(UpstreamCluster cluster, SocketAddress address) {
        var counts = cluster.counts(address);
        var stats = new ArrayList<Map<String, String>>();
        counts.counters().forEach((name, value) -> stats.add(statistic(name, value)));
        counts.gauges().forEach((name, value) -> {
            var gauge = statistic(name, value);
            gauge.put("type", "GAUGE");
            stats.add(gauge);
        });
        Map<String, Object> host = new LinkedHashMap<>();
        host.put("address", Dumps.address(address));
        host.put("stats", stats);
        host.put("health_status", health(cluster, address));
        host.put("weight", WEIGHT);
        return host;
    }

    /** Protocol buffers in JSON write a long as text, and nothing for none. */
    private static Map<String, String> statistic(String name, long value) {
        var statistic = new TreeMap<>(Map.of("name", name));
        if (value != 0) {
            statistic.put("value", String.valueOf(value));
        }
        return statistic;
    }

    private static Map<String, Object> health(UpstreamCluster cluster, SocketAddress address) {
        var health = new TreeMap<String, Object>(Map.of("eds_health_status", "HEALTHY"));
        if (!cluster.isHealthy(address)) {
            health.put("failed_active_health_check", true);
        }
        return health;
    }
}
