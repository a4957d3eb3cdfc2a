// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.metrics;

import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshots;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.spiffe.TrustDomain;
import java.time.Duration;

/** What is true of the agent as a whole. */
public final class AgentMetrics {
    private AgentMetrics() {}

    public static void addProcess(Metrics metrics, TrustDomain trustDomain, String version) {
        var started = System.nanoTime();
        metrics.gauge(
                "started",
                Labels.NONE.with("trust_domain_id", trustDomain.name()).with("version", version),
                () -> 1);
        metrics.gauge(
                "uptime_in_ms",
                Labels.NONE,
                () -> Duration.ofNanos(System.nanoTime() - started).toMillis());
    }

    /** What it holds. */
    public static void addCaches(Metrics metrics, Snapshots snapshots, JwtSvids tokens) {
        metrics.gauge(
                "lru_cache_record_map_size",
                Labels.NONE,
                () -> snapshots.current().entries().size());
        metrics.gauge(
                "lru_cache_svid_map_size",
                Labels.NONE,
                () -> snapshots.current().svids().size());
        metrics.gauge(
                "sync_entries_total",
                Labels.NONE,
                () -> snapshots.current().entries().size());
        metrics.gauge(
                "sync_bundles_total",
                Labels.NONE,
                () -> snapshots.current().bundles().size());
        metrics.gauge("jwt_svid_cache_size", Labels.NONE, tokens::count);
    }
}
