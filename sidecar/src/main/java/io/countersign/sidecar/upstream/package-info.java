// SPDX-License-Identifier: Apache-2.0
/** Where requests and bytes go: endpoints, connections to them, and pools of these. */
@NullMarked
package io.countersign.sidecar.upstream;

import org.jspecify.annotations.NullMarked;
