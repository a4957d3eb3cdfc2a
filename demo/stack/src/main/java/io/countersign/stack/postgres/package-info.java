// SPDX-License-Identifier: Apache-2.0
/** A PostgreSQL of our own. */
@NullMarked
package io.countersign.stack.postgres;

import org.jspecify.annotations.NullMarked;
