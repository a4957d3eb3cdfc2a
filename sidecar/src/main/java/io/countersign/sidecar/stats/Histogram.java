// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.stats;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** How many of the times that were measured lie below each of Envoy's limits, in milliseconds. Thread-safe. */
public final class Histogram {
    private static final double[] LIMITS = {
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000
    };

    /** One more than there are limits, for what is longer than all. */
    private final AtomicLongArray counts = new AtomicLongArray(LIMITS.length + 1);

    private final LongAdder sum = new LongAdder();

    /**
     * @param upTo by the limit, how many are not above it
     * @param sum of all, in milliseconds
     */
    public record Snapshot(SequencedMap<String, Long> upTo, long count, long sum) {}

    public void add(long millis) {
        int place = 0;
        while (place < LIMITS.length && millis > LIMITS[place]) {
            place++;
        }
        counts.incrementAndGet(place);
        sum.add(millis);
    }

    public Snapshot snapshot() {
        var upTo = new LinkedHashMap<String, Long>();
        long count = 0;
        for (int i = 0; i < LIMITS.length; i++) {
            count += counts.get(i);
            // as Envoy writes them: without a point where there is nothing behind it
            upTo.put(LIMITS[i] == (long) LIMITS[i] ? String.valueOf((long) LIMITS[i]) : "" + LIMITS[i], count);
        }
        return new Snapshot(upTo, count + counts.get(LIMITS.length), sum.sum());
    }
}
