// SPDX-License-Identifier: Apache-2.0
/** The loop that keeps this node up to date: its own identity, the entries and bundles, the workloads' certificates. */
@NullMarked
package io.countersign.agent.sync;

import org.jspecify.annotations.NullMarked;
