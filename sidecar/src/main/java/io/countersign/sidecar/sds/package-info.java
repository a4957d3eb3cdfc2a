// SPDX-License-Identifier: Apache-2.0
/** Subscribes to secrets at the agent, follows those in files, and keeps the last good ones. */
@NullMarked
package io.countersign.sidecar.sds;

import org.jspecify.annotations.NullMarked;
