// SPDX-License-Identifier: Apache-2.0
/**
 * What a connection may hold and for how long: messages one at a time, so that a fast sender waits for a slow taker, buffers with
 * a limit, and timers that end with it.
 */
@NullMarked
package io.countersign.sidecar.flow;

import org.jspecify.annotations.NullMarked;
