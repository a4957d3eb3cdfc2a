// SPDX-License-Identifier: Apache-2.0
/** How somebody else's part tells the programs of a machine apart, at the agent. */
@NullMarked
package io.countersign.plugin.workload;

import org.jspecify.annotations.NullMarked;
