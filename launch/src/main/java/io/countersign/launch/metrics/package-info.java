// SPDX-License-Identifier: Apache-2.0
/**
 * Numbers for Prometheus, under the names that SPIRE gives them. SPIRE's counters do not end in {@code _total}, which the
 * client libraries for the JVM insist on, and its summaries look back ten seconds: hence a registry of our own.
 */
@NullMarked
package io.countersign.launch.metrics;

import org.jspecify.annotations.NullMarked;
