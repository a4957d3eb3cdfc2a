// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import com.google.re2j.Pattern;
import io.countersign.sidecar.stats.Stats;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counters and gauges in Prometheus' text format; parts of names become labels as Envoy does it. */
final class Prometheus {
    /** What precedes a label's value in a name, and the label. */
    private static final Map<String, String> LABELS = Map.of(
            "cluster", "envoy_cluster_name",
            "http", "envoy_http_conn_manager_prefix",
            "tcp", "envoy_tcp_prefix",
            "listener", "envoy_listener_address",
            "sds", "envoy_sds_secret");

    private Prometheus() {}

    static String page(Stats stats, Optional<Pattern> filter) {
        var out = new StringBuilder();
        append(out, stats.counters(), "counter", filter);
        append(out, stats.gauges(), "gauge", filter);
        return out.toString();
    }

    private static void append(
            StringBuilder out, SortedMap<String, Long> values, String type, Optional<Pattern> filter) {
        var families = new TreeMap<String, TreeMap<String, Long>>();
        values.forEach((name, value) -> {
            if (filter.isEmpty() || filter.get().matcher(name).find()) {
                var sample = sample(name);
                families.computeIfAbsent(sample.family(), key -> new TreeMap<>())
                        .put(sample.labels(), value);
            }
        });
        families.forEach((family, samples) -> {
            out.append("# TYPE ").append(family).append(' ').append(type).append('\n');
            samples.forEach((labels, value) ->
                    out.append(family).append(labels).append(' ').append(value).append('\n'));
        });
    }

    private record Sample(String family, String labels) {}

    private static Sample sample(String name) {
        var labels = new TreeMap<String, String>();
        var rest = name;
        int dot = name.indexOf('.');
        var label = LABELS.get(dot < 0 ? "" : name.substring(0, dot));
        if (label != null) {
            int end = endOfValue(name, dot + 1);
            labels.put(label, name.substring(dot + 1, end));
            rest = name.substring(0, dot) + name.substring(end);
        }
        int last = rest.length() - 3;
        if (rest.endsWith("xx") && last > 0 && Character.isDigit(rest.charAt(last))) {
            labels.put("envoy_response_code_class", rest.substring(last, last + 1));
            rest = rest.substring(0, last) + "xx";
        }
        var text = new StringBuilder("{");
        labels.forEach((key, value) -> text.append(text.length() > 1 ? "," : "")
                .append(key)
                .append("=\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"'));
        return new Sample(
                "envoy_" + rest.replaceAll("[^a-zA-Z0-9_]", "_"),
                text.append('}').toString());
    }

    /** Addresses, and secrets named by SPIFFE IDs, have dots of their own: the counter's name is what has none. */
    private static int endOfValue(String name, int from) {
        if (name.startsWith("listener.") || name.startsWith("sds.")) {
            for (var follower : new String[] {".ssl.", ".server_ssl_socket_factory."}) {
                int at = name.indexOf(follower, from);
                if (at > 0) {
                    return at;
                }
            }
            return name.lastIndexOf('.');
        }
        int dot = name.indexOf('.', from);
        return dot < 0 ? name.length() : dot;
    }
}
