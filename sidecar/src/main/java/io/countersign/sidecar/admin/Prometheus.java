// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import com.google.re2j.Pattern;
import io.countersign.sidecar.stats.Histogram;
import io.countersign.sidecar.stats.Stats;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Statistics in Prometheus' text format, under the names and labels that Envoy gives them. */
final class Prometheus {
    private final StringBuilder out = new StringBuilder();
    private final Optional<Pattern> filter;

    private Prometheus(Optional<Pattern> filter) {
        this.filter = filter;
    }

    /**
     * @param filter of the statistics' own names; without one there are all
     * @param usedOnly whether counters that have counted nothing are left out
     */
    static String page(Stats stats, Optional<Pattern> filter, boolean usedOnly) {
        var page = new Prometheus(filter);
        page.append("counter", stats.counters(usedOnly), Prometheus::number);
        page.append("gauge", stats.gauges(), Prometheus::number);
        page.append("histogram", stats.histograms(), Prometheus::buckets);
        return page.out.toString();
    }

    /** Writes the lines of one statistic. */
    private interface Lines<T> {
        void write(StringBuilder out, String family, String labels, T value);
    }

    private <T> void append(String type, SortedMap<String, T> values, Lines<T> lines) {
        var families = new TreeMap<String, TreeMap<String, T>>();
        values.forEach((name, value) -> {
            if (filter.isEmpty() || filter.get().matcher(name).find()) {
                var labelled = Labels.of(name);
                families.computeIfAbsent(labelled.family(), key -> new TreeMap<>())
                        .put(text(labelled), value);
            }
        });
        families.forEach((family, samples) -> {
            out.append("# TYPE ").append(family).append(' ').append(type).append('\n');
            samples.forEach((labels, value) -> lines.write(out, family, labels, value));
        });
    }

    private static String text(Labels.Labelled labelled) {
        return labelled.labels().stream()
                .map(label -> label.name() + "=\""
                        + label.value().replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining(","));
    }

    private static void number(StringBuilder out, String family, String labels, Object value) {
        out.append(family).append('{').append(labels).append("} ").append(value).append('\n');
    }

    private static void buckets(StringBuilder out, String family, String labels, Histogram.Snapshot seen) {
        var prefix = labels.isEmpty() ? "" : labels + ",";
        seen.upTo().forEach((limit, count) -> number(out, family + "_bucket", prefix + "le=\"" + limit + "\"", count));
        number(out, family + "_bucket", prefix + "le=\"+Inf\"", seen.count());
        number(out, family + "_sum", labels, seen.sum());
        number(out, family + "_count", labels, seen.count());
    }
}
