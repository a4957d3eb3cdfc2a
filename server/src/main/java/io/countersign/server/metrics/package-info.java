// SPDX-License-Identifier: Apache-2.0
/** What the server counts, under SPIRE's names. */
@NullMarked
package io.countersign.server.metrics;

import org.jspecify.annotations.NullMarked;
