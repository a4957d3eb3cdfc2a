// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import io.countersign.launch.metrics.Metrics.Labels;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Durations: how many, their sum, and quantiles of the last ten seconds, in milliseconds. A quantile is at most a sixteenth
 * too high. Nothing is allocated by {@link #record}. Thread-safe.
 */
public final class Summary implements Series {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    private static final int WINDOWS = 5;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** Durations below a microsecond are one bucket; from there on each power of two has sixteen. */
    private static final int FINE_BITS = 4;

    private static final int LOWEST_BITS = 10;
    private static final int BUCKETS = (Long.SIZE - LOWEST_BITS) << FINE_BITS;
    private static final double MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    private static final class Window {
        private final AtomicIntegerArray buckets = new AtomicIntegerArray(BUCKETS);
        private volatile long period = -1;
    }

    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final Window[] windows = new Window[WINDOWS];

    Summary() {
        for (int i = 0; i < WINDOWS; i++) {
            windows[i] = new Window();
        }
    }

    public void record(long duration) {
        record(duration, System.nanoTime());
    }

    /** @param now as the virtual machine's clock for distances has it */
    void record(long duration, long now) {
        count.increment();
        nanos.add(duration);
        long period = Math.floorDiv(now, WINDOW_NANOS);
        var window = windows[(int) Math.floorMod(period, (long) WINDOWS)];
        if (window.period != period) {
            begin(window, period);
        }
        window.buckets.incrementAndGet(bucket(duration));
    }

    private static void begin(Window window, long period) {
        synchronized (window) {
            if (window.period != period) {
                for (int i = 0; i < BUCKETS; i++) {
                    window.buckets.set(i, 0);
                }
                window.period = period;
            }
        }
    }

    static int bucket(long duration) {
        if (duration < 1L << LOWEST_BITS) {
            return 0;
        }
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(duration);
        int fine = (int) (duration >>> (power - FINE_BITS)) & ((1 << FINE_BITS) - 1);
        return ((power - LOWEST_BITS) << FINE_BITS) + fine;
    }

    /** The longest duration of a bucket, in nanoseconds. */
    static long top(int bucket) {
        int power = (bucket >> FINE_BITS) + LOWEST_BITS;
        long fine = bucket & ((1 << FINE_BITS) - 1);
        return ((1L << FINE_BITS) + fine + 1) << (power - FINE_BITS);
    }

    /** In milliseconds; NaN if there was nothing in the last ten seconds. */
    double[] quantiles(long now) {
        long period = Math.floorDiv(now, WINDOW_NANOS);
        var sums = new long[BUCKETS];
        long total = 0;
        for (var window : windows) {
            if (window.period > period - WINDOWS && window.period <= period) {
                for (int i = 0; i < BUCKETS; i++) {
                    sums[i] += window.buckets.get(i);
                    total += window.buckets.get(i);
                }
            }
        }
        var found = new double[QUANTILES.length];
        for (int i = 0; i < QUANTILES.length; i++) {
            found[i] = quantile(sums, total, QUANTILES[i]);
        }
        return found;
    }

    private static double quantile(long[] sums, long total, double quantile) {
        long rank = (long) Math.ceil(total * quantile);
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += sums[i];
            if (seen >= rank && seen > 0) {
                return top(i) / MILLISECOND;
            }
        }
        return Double.NaN;
    }

    @Override
    public void write(StringBuilder out, String name, Labels labels) {
        var values = quantiles(System.nanoTime());
        var text = labels.text();
        for (int i = 0; i < QUANTILES.length; i++) {
            var start = text.isEmpty() ? "{" : text.substring(0, text.length() - 1) + ",";
            out.append(name)
                    .append(start)
                    .append("quantile=\"")
                    .append(QUANTILES[i])
                    .append("\"} ")
                    .append(values[i])
                    .append('\n');
        }
        out.append(name)
                .append("_sum")
                .append(text)
                .append(' ')
                .append(nanos.sum() / MILLISECOND)
                .append('\n');
        out.append(name)
                .append("_count")
                .append(text)
                .append(' ')
                .append(count.sum())
                .append('\n');
    }
}
