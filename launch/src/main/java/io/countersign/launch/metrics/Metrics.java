// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import java.util.Collections;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * Counters, summaries and gauges by name and labels, and their text in Prometheus's format (version 0.0.4). A name has one
 * kind. Thread-safe; whoever counts often keeps what {@link #counter} gave.
 */
public final class Metrics {
    private enum Kind {
        COUNTER,
        GAUGE,
        SUMMARY;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private record Family(Kind kind, Map<Labels, Series> series) {}

    private final String prefix;
    private final Labels common;
    private final Map<String, Family> families = new ConcurrentSkipListMap<>();

    /**
     * @param prefix of every name, such as {@code spire_server}
     * @param common labels of every series
     */
    public Metrics(String prefix, Labels common) {
        this.prefix = prefix;
        this.common = common;
    }

    /** Labels by name. */
    public record Labels(SequencedMap<String, String> values) {
        public static final Labels NONE = new Labels(new TreeMap<>());

        public Labels {
            values = Collections.unmodifiableSequencedMap(new TreeMap<>(values));
        }

        /** Made of letters, digits and underscores alone, as SPIRE makes its values. */
        public Labels with(String name, String value) {
            return as(name, value.replaceAll("\\W+_?", "_"));
        }

        /** As it is. */
        Labels as(String name, String value) {
            var more = new TreeMap<>(values);
            more.put(name, value);
            return new Labels(more);
        }

        Labels and(Labels others) {
            var all = new TreeMap<>(values);
            all.putAll(others.values);
            return new Labels(all);
        }

        /** Such as {@code {host="vm",status="OK"}}; empty if there are none. */
        String text() {
            var text = new StringBuilder();
            values.forEach((name, value) -> text.append(text.isEmpty() ? "{" : ",")
                    .append(name)
                    .append("=\"")
                    .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                    .append('"'));
            return text.isEmpty() ? "" : text.append('}').toString();
        }
    }

    /** Something that only grows. */
    public Counter counter(String name, Labels labels) {
        return series(Kind.COUNTER, name, labels, Counter.class, Counter::new);
    }

    /** How long something took, in milliseconds. */
    public Summary summary(String name, Labels labels) {
        return series(Kind.SUMMARY, name, labels, Summary.class, Summary::new);
    }

    /** Something that is asked for when it is read. */
    public void gauge(String name, Labels labels, DoubleSupplier value) {
        var _ = series(
                Kind.GAUGE,
                name,
                labels,
                Series.class,
                () -> (out, series, own) -> out.append(series)
                        .append(own.text())
                        .append(' ')
                        .append(number(value.getAsDouble()))
                        .append('\n'));
    }

    private <S extends Series> S series(Kind kind, String name, Labels labels, Class<S> type, Supplier<S> fresh) {
        var full = prefix + "_" + name;
        var family = families.computeIfAbsent(full, _ -> new Family(kind, new ConcurrentHashMap<>()));
        if (family.kind() != kind) {
            throw new IllegalArgumentException(full + " is a " + family.kind().word() + ", not a " + kind.word());
        }
        return type.cast(family.series().computeIfAbsent(common.and(labels), _ -> fresh.get()));
    }

    /** Everything, as it is now. */
    public String text() {
        var out = new StringBuilder();
        families.forEach((name, family) -> {
            out.append("# HELP ").append(name).append(' ').append(name).append('\n');
            out.append("# TYPE ")
                    .append(name)
                    .append(' ')
                    .append(family.kind().word())
                    .append('\n');
            family.series().entrySet().stream()
                    .sorted(Comparator.comparing(
                            (Map.Entry<Labels, Series> each) -> each.getKey().text()))
                    .forEach(each -> each.getValue().write(out, name, each.getKey()));
        });
        return out.toString();
    }

    /** Without the {@code .0} of what is whole. */
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
