// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.stats;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Counters that only rise, gauges that are asked when they are shown, and times. Names are shown as Envoy shows them, which has no
 * colons: {@code sds.spiffe://example.org} is {@code sds.spiffe_example.org}. Thread-safe.
 */
public final class Stats {
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> levels = new ConcurrentHashMap<>();
    private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();
    private final Map<String, Histogram> histograms = new ConcurrentHashMap<>();

    public void count(String name) {
        counter(name).increment();
    }

    /** For those who count often and keep it. */
    public LongAdder counter(String name) {
        return counters.computeIfAbsent(name, key -> new LongAdder());
    }

    /** A gauge that is moved up and down. */
    public LongAdder level(String name) {
        return levels.computeIfAbsent(name, key -> new LongAdder());
    }

    /** Times in milliseconds, for those who keep it. */
    public Histogram histogram(String name) {
        return histograms.computeIfAbsent(name, key -> new Histogram());
    }

    public void gauge(String name, LongSupplier value) {
        gauges.put(name, value);
    }

    /** @param usedOnly whether those that have counted nothing are left out */
    public SortedMap<String, Long> counters(boolean usedOnly) {
        var result = new TreeMap<String, Long>();
        counters.forEach((name, value) -> result.merge(shown(name), value.sum(), Long::sum));
        if (usedOnly) {
            result.values().removeIf(value -> value == 0);
        }
        return result;
    }

    public SortedMap<String, Long> gauges() {
        var result = new TreeMap<String, Long>();
        levels.forEach((name, value) -> result.put(shown(name), value.sum()));
        gauges.forEach((name, value) -> result.put(shown(name), value.getAsLong()));
        return result;
    }

    /** Those that have measured something. */
    public SortedMap<String, Histogram.Snapshot> histograms() {
        var result = new TreeMap<String, Histogram.Snapshot>();
        histograms.forEach((name, times) -> result.put(shown(name), times.snapshot()));
        result.values().removeIf(times -> times.count() == 0);
        return result;
    }

    private static String shown(String name) {
        return name.indexOf(':') < 0
                ? name
                : name.replace("://", "_").replace(":/", "_").replace(':', '_');
    }

    /** Sets the counters back to zero; gauges tell the present and stay. */
    public void resetCounters() {
        counters.values().forEach(LongAdder::reset);
    }
}
