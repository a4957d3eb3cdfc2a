// SPDX-License-Identifier: Apache-2.0
/**
 * Our sidecar and Envoy with the same file, asked the same by clients that see every byte. {@code Ground} is what both
 * stand on (server, agent, upstreams, certificates), {@code Pair} the two of them, each {@code …Cases} a table.
 */
@NullMarked
package io.countersign.it.differential.sidecar;

import org.jspecify.annotations.NullMarked;
