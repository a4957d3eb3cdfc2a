// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import io.countersign.launch.metrics.Metrics.Labels;

/** The lines of one name with one set of labels. */
@FunctionalInterface
interface Series {
    void write(StringBuilder out, String name, Labels labels);
}
