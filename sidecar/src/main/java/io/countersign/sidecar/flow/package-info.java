// SPDX-License-Identifier: Apache-2.0
/** Messages one at a time, so that a fast sender waits for a slow taker. */
@NullMarked
package io.countersign.sidecar.flow;

import org.jspecify.annotations.NullMarked;
