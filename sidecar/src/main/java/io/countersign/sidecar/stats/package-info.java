// SPDX-License-Identifier: Apache-2.0
/** Counters, gauges and histograms under Envoy's names. */
@NullMarked
package io.countersign.sidecar.stats;

import org.jspecify.annotations.NullMarked;
