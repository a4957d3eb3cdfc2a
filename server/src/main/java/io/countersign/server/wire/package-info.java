// SPDX-License-Identifier: Apache-2.0
/** The messages of SPIRE's API as values, and back. */
@NullMarked
package io.countersign.server.wire;

import org.jspecify.annotations.NullMarked;
