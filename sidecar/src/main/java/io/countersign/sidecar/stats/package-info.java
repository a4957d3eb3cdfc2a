// SPDX-License-Identifier: Apache-2.0
/** Counters and gauges under Envoy's names. */
@NullMarked
package io.countersign.sidecar.stats;

import org.jspecify.annotations.NullMarked;
