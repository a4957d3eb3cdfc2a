// SPDX-License-Identifier: Apache-2.0
/** Starts the whole system on one machine, as processes of their own, and stops it again. */
@NullMarked
package io.countersign.stack;

import org.jspecify.annotations.NullMarked;
