// SPDX-License-Identifier: Apache-2.0
/** The public socket: which callers are served, and how their streams follow the snapshot. */
@NullMarked
package io.countersign.agent.endpoint;

import org.jspecify.annotations.NullMarked;
