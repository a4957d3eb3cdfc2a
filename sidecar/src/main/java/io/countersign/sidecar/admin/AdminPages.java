// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The pages by path. What changes something wants POST, as with Envoy. */
final class AdminPages {
    private static final Set<String> CHANGES = Set.of(
            "/quitquitquit", "/healthcheck/fail", "/healthcheck/ok", "/drain_listeners", "/reset_counters", "/logging");
    private static final String HELP = """
            admin commands are:
              /certs: own certificates and authorities in use
              /clusters: endpoints and their requests
              /config_dump: the file as it was read, and secrets; resource=, name_regex=, mask=
              /drain_listeners (POST): take no more connections and keep none: graceful, skip_exit, inboundonly
              /healthcheck/fail (POST): be not ready
              /healthcheck/ok (POST): be ready again
              /help: this list
              /init_dump: secrets that are still waited for
              /listeners: where listeners are
              /logging (POST): change the log level: /logging?level=debug
              /memory: the heap
              /quitquitquit (POST): stop
              /ready: 200 when connections are taken
              /ready/identity: 200 when, besides, every secret is there, valid and in use
              /refused_peers: who was turned away in handshakes, and who would have been let in
              /reset_counters (POST): counters to zero
              /server_info: version, state, node
              /stats: counters and gauges; usedonly, filter=<RE2>, type=All|Counters|Gauges, format=text|json|prometheus
              /stats/prometheus: counters, gauges and histograms for Prometheus; usedonly, filter=<RE2>
            """;

    private final AdminView view;
    private final Dumps dumps;
    private final ConfigDump config;
    private final ClusterPages clusters;
    private final StatsPages stats;
    private final IdentityPages identity;

    AdminPages(AdminView view) {
        this.view = view;
        this.dumps = new Dumps(view);
        this.config = new ConfigDump(view);
        this.clusters = new ClusterPages(view);
        this.stats = new StatsPages(view.stats());
        this.identity = new IdentityPages(view, InstantSource.system());
    }

    Page page(String method, String uri) {
        var parts = uri.split("\\?", 2);
        var path = parts[0];
        if (CHANGES.contains(path) && !method.equals("POST")) {
            return Page.status(405, "Method " + method + " not allowed, POST required.");
        }
        try {
            return page(path, query(parts.length > 1 ? parts[1] : ""));
        } catch (IllegalArgumentException e) {
            return Page.status(400, e.getMessage() + "\n");
        }
    }

    private Page page(String path, Map<String, String> query) {
        return switch (path) {
            case "/", "/help" -> Page.text(HELP);
            case "/ready" -> ready();
            case "/ready/identity" -> identity.ready();
            case "/refused_peers" -> identity.refusedPeers();
            case "/server_info" -> Page.json(dumps.serverInfo());
            case "/stats" -> stats.page(query);
            case "/stats/prometheus" -> stats.prometheus(query);
            case "/certs" -> Page.json(dumps.certs());
            case "/config_dump" -> config.page(query);
            case "/init_dump" -> Page.json(dumps.initDump());
            case "/clusters" -> json(query) ? Page.json(clusters.json()) : Page.text(clusters.text());
            case "/listeners" -> json(query) ? Page.json(dumps.listenersJson()) : Page.text(dumps.listenersText());
            case "/memory" -> Page.json(dumps.memory());
            case "/logging" -> logging(query);
            case "/reset_counters" -> Page.ok(view.stats()::resetCounters);
            case "/healthcheck/fail" -> {
                view.lifecycle().health(false);
                yield Page.ok(() -> {});
            }
            case "/healthcheck/ok" -> {
                view.lifecycle().health(true);
                yield Page.ok(() -> {});
            }
            case "/drain_listeners" -> {
                // whoever reads the answer may count on it that clients are sent away
                view.lifecycle().drainListeners(Drain.of(query));
                yield Page.ok(() -> {});
            }
            case "/quitquitquit" -> Page.ok(view.lifecycle()::quit);
            default -> Page.status(404, "invalid path. " + HELP);
        };
    }

    private Page ready() {
        var state = view.lifecycle().state();
        return Page.status(state == Lifecycle.State.LIVE ? 200 : 503, state + "\n");
    }

    private static boolean json(Map<String, String> query) {
        return query.getOrDefault("format", "text").equals("json");
    }

    /** @throws IllegalArgumentException if the text of that parameter is none */
    static Pattern pattern(String parameter, String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(parameter + " is no RE2 expression: " + e.getDescription(), e);
        }
    }

    /** @throws IllegalArgumentException for a parameter that would change nothing */
    static void only(Map<String, String> query, List<String> known) {
        for (var parameter : query.keySet()) {
            if (!known.contains(parameter)) {
                throw new IllegalArgumentException(parameter + " is not supported on this page, which knows " + known);
            }
        }
    }

    private static Page logging(Map<String, String> query) {
        if (query.containsKey("paths")) {
            throw new IllegalArgumentException(
                    "paths is not supported, as there is one level for all: use /logging?level=<level>");
        }
        var level = query.get("level");
        if (level == null || query.size() > 1) {
            throw new IllegalArgumentException("usage: /logging?level=<trace|debug|info|warn|error>");
        }
        Log.level(LogSettings.level(level));
        return Page.text("active loggers:\n  io.countersign: " + level + "\n");
    }

    private static Map<String, String> query(String text) {
        var result = new LinkedHashMap<String, String>();
        for (var pair : text.split("&")) {
            if (!pair.isEmpty()) {
                var parts = pair.split("=", 2);
                result.put(
                        URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                        parts.length > 1 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "");
            }
        }
        return result;
    }
}
