// SPDX-License-Identifier: Apache-2.0
/** Writes JSON for access logs and the admin listener. */
@NullMarked
package io.countersign.sidecar.json;

import org.jspecify.annotations.NullMarked;
