// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import com.google.re2j.Pattern;
import io.countersign.sidecar.json.Json;
import io.countersign.sidecar.stats.Stats;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What was counted and what there is now. What Envoy's page shows beyond that is refused with words, and not left out in silence. */
final class StatsPages {
    private static final List<String> PARAMETERS = List.of("filter", "format", "histogram_buckets", "type", "usedonly");
    private static final String TIMES = "; times are shown by /stats/prometheus, with their buckets";

    private final Stats stats;

    StatsPages(Stats stats) {
        this.stats = stats;
    }

    /** @param filter of the statistics' own names; without one there are all */
    private record Wanted(boolean counters, boolean gauges, boolean usedOnly, Optional<Pattern> filter) {
        boolean has(Map.Entry<String, Long> one) {
            return filter.isEmpty() || filter.get().matcher(one.getKey()).find();
        }
    }

    /** @throws IllegalArgumentException for a question that has no answer */
    Page page(Map<String, String> query) {
        if (query.getOrDefault("format", "").equals("prometheus")) {
            return prometheus(query);
        }
        var wanted = wanted(query, List.of("", "none"));
        return switch (query.getOrDefault("format", "")) {
            case "", "text" -> Page.text(text(numbers(wanted)));
            case "json" -> Page.json(json(numbers(wanted)));
            default -> throw new IllegalArgumentException("format must be text, json or prometheus");
        };
    }

    /** As with Envoy there is everything, whatever the type. */
    Page prometheus(Map<String, String> query) {
        var wanted = wanted(query, List.of("", "none", "cumulative"));
        return Page.text(Prometheus.page(stats, wanted.filter(), wanted.usedOnly()));
    }

    /** @param buckets ways to show histograms that the page has, or leaves as they are */
    private static Wanted wanted(Map<String, String> query, List<String> buckets) {
        AdminPages.only(query, PARAMETERS);
        var shown = query.getOrDefault("histogram_buckets", "");
        if (!buckets.contains(shown)) {
            throw new IllegalArgumentException("histogram_buckets=" + shown + " is not supported" + TIMES);
        }
        var type = query.getOrDefault("type", "");
        switch (type) {
            case "", "All", "Counters", "Gauges" -> {}
            case "Histograms" -> throw new IllegalArgumentException("type=Histograms is not supported" + TIMES);
            case "TextReadouts" ->
                throw new IllegalArgumentException("type=TextReadouts is not supported: there are none");
            default -> throw new IllegalArgumentException("invalid type, expected All, Counters or Gauges");
        }
        return new Wanted(
                !type.equals("Gauges"),
                !type.equals("Counters"),
                query.containsKey("usedonly"),
                Optional.ofNullable(query.get("filter")).map(text -> AdminPages.pattern("filter", text)));
    }

    private SortedMap<String, Long> numbers(Wanted wanted) {
        var found = new TreeMap<String, Long>();
        if (wanted.counters()) {
            found.putAll(stats.counters(wanted.usedOnly()));
        }
        if (wanted.gauges()) {
            found.putAll(stats.gauges());
        }
        found.entrySet().removeIf(one -> !wanted.has(one));
        return found;
    }

    private static String text(SortedMap<String, Long> numbers) {
        var out = new StringBuilder();
        numbers.forEach(
                (name, value) -> out.append(name).append(": ").append(value).append('\n'));
        return out.toString();
    }

    private static String json(SortedMap<String, Long> numbers) {
        return Json.write(Map.of(
                "stats",
                numbers.entrySet().stream()
                        .map(entry ->
                                new TreeMap<String, Object>(Map.of("name", entry.getKey(), "value", entry.getValue())))
                        .toList()));
    }
}
