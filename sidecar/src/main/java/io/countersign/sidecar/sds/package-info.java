// SPDX-License-Identifier: Apache-2.0
/** Subscribes to secrets at the agent and keeps the last good ones. */
@NullMarked
package io.countersign.sidecar.sds;

import org.jspecify.annotations.NullMarked;
