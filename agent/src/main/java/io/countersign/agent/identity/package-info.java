// SPDX-License-Identifier: Apache-2.0
/** What this node holds now: one immutable snapshot, renewed in time, watched by the streams. */
@NullMarked
package io.countersign.agent.identity;

import org.jspecify.annotations.NullMarked;
