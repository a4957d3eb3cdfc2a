// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.accesslog.AccessLogs;
import io.countersign.sidecar.authz.Authorizer;
import io.countersign.sidecar.bootstrap.ExtAuthz;
import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.bootstrap.HttpFilter;
import io.countersign.sidecar.bootstrap.JwtAuthn;
import io.countersign.sidecar.jwt.TokenCheck;
import io.countersign.sidecar.jwt.TokenChecks;
import io.countersign.sidecar.stats.Histogram;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.upstream.UpstreamCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What all HTTP connections of one listener share. Thread-safe. */
public final class HttpService {
    private final HttpConnections config;
    private final Router router;
    private final Map<String, UpstreamCluster> clusters;
    private final Map<ExtAuthz, Authorizer> authorizers = new HashMap<>();
    private final Map<JwtAuthn, TokenCheck> tokenChecks = new HashMap<>();
    private final AccessLogs logs;
    private final Stats stats;
    private final String stat;
    private final LongAdder active;
    private final Histogram times;
    private final AtomicInteger streams = new AtomicInteger();

    /** @throws IOException if keys of tokens cannot be read */
    public HttpService(
            HttpConnections config,
            Map<String, UpstreamCluster> clusters,
            TokenChecks checks,
            AccessLogs logs,
            Stats stats)
            throws IOException {
        this.config = config;
        this.router = new Router(config.routes());
        this.clusters = Map.copyOf(clusters);
        this.logs = logs;
        this.stats = stats;
        this.stat = "http." + config.statPrefix() + ".";
        this.active = stats.level(stat + "downstream_rq_active");
        this.times = stats.histogram(stat + "downstream_rq_time");
        for (var filter : config.filters()) {
            switch (filter) {
                case HttpFilter.Authorization asked -> {
                    var settings = asked.settings();
                    authorizers.put(
                            settings,
                            new Authorizer(
                                    settings,
                                    cluster(settings.service().target().cluster())));
                }
                case HttpFilter.Tokens tokens ->
                    tokenChecks.put(
                            tokens.settings(),
                            checks.of(
                                    tokens.settings(),
                                    good -> count("jwt_authn.jwks_fetch_" + (good ? "success" : "failed"))));
                case HttpFilter.Roles roles -> {}
            }
        }
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

    Authorizer authorizer(HttpFilter.Authorization asked) {
        var found = authorizers.get(asked.settings());
        if (found == null) {
            throw new IllegalStateException("filter " + asked.name() + " is not of this listener");
        }
        return found;
    }

    TokenCheck tokenCheck(HttpFilter.Tokens tokens) {
        var found = tokenChecks.get(tokens.settings());
        if (found == null) {
            throw new IllegalStateException("filter " + tokens.name() + " is not of this listener");
        }
        return found;
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

    public void streamOpened() {
        streams.incrementAndGet();
    }

    public void streamClosed() {
        streams.decrementAndGet();
    }

    /** Whether a request has no answer yet, or one in HTTP/2 has an answer that its client has not let in. */
    public boolean isBusy() {
        return active.sum() > 0 || streams.get() > 0;
    }

    public void malformedConnection() {
        count("downstream_cx_protocol_error");
    }

    public void idleClosed() {
        count("downstream_cx_idle_timeout");
    }

    /** Its client has opened no window for the rest of the answer. */
    void streamNotTaken() {
        stats.count("http2.tx_flush_timeout");
    }

    void upgraded() {
        count("downstream_cx_upgrades_total");
        stats.level(stat + "downstream_cx_upgrades_active").increment();
    }

    void upgradeEnded() {
        stats.level(stat + "downstream_cx_upgrades_active").decrement();
    }

    void requestBegan() {
        count("downstream_rq_total");
        active.increment();
    }

    void requestEnded(int status, Duration took) {
        times.add(took.toMillis());
        active.decrement();
        if (status > 0) {
            count("downstream_rq_" + status / 100 + "xx");
            count("downstream_rq_completed");
        }
    }
}
