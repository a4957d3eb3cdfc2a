// SPDX-License-Identifier: Apache-2.0
/** What the agent counts, under SPIRE's names. */
@NullMarked
package io.countersign.agent.metrics;

import org.jspecify.annotations.NullMarked;
