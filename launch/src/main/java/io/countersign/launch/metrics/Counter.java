// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import io.countersign.launch.metrics.Metrics.Labels;
import java.util.concurrent.atomic.LongAdder;

/** Counts. Thread-safe, and cheap for many threads at once. */
public final class Counter implements Series {
    private final LongAdder count = new LongAdder();

    public void add(long more) {
        count.add(more);
    }

    @Override
    public void write(StringBuilder out, String name, Labels labels) {
        out.append(name).append(labels.text()).append(' ').append(count.sum()).append('\n');
    }
}
