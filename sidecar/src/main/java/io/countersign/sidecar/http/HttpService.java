// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.accesslog.AccessLogs;
import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.upstream.UpstreamCluster;
import java.util.Map;

/** What all HTTP connections of one listener share. Thread-safe. */
public final class HttpService {
    private final HttpConnections config;
    private final Router router;
    private final Map<String, UpstreamCluster> clusters;
    private final AccessLogs logs;
    private final Stats stats;
    private final String stat;

    public HttpService(HttpConnections config, Map<String, UpstreamCluster> clusters, AccessLogs logs, Stats stats) {
        this.config = config;
        this.router = new Router(config.routes());
        this.clusters = Map.copyOf(clusters);
        this.logs = logs;
        this.stats = stats;
        this.stat = "http." + config.statPrefix() + ".";
    }

    public HttpConnections config() {
        return config;
    }

    Router router() {
        return router;
    }

    UpstreamCluster cluster(String name) {
        var cluster = clusters.get(name);
        if (cluster == null) {
            throw new IllegalStateException("route to cluster " + name + ", which the file does not have");
        }
        return cluster;
    }

    AccessLogs logs() {
        return logs;
    }

    /** A counter under the listener's prefix. */
    void count(String name) {
        stats.count(stat + name);
    }

    public void connectionOpened() {
        count("downstream_cx_total");
        stats.level(stat + "downstream_cx_active").increment();
    }

    public void connectionClosed() {
        stats.level(stat + "downstream_cx_active").decrement();
    }

    public void idleClosed() {
        count("downstream_cx_idle_timeout");
    }

    void requestBegan() {
        count("downstream_rq_total");
        stats.level(stat + "downstream_rq_active").increment();
    }

    void requestEnded(int status) {
        stats.level(stat + "downstream_rq_active").decrement();
        if (status > 0) {
            count("downstream_rq_" + status / 100 + "xx");
            count("downstream_rq_completed");
        }
    }
}
