// SPDX-License-Identifier: Apache-2.0
/** Entries that stand in a file: what the file says, and what has to change so that a server has the same. */
@NullMarked
package io.countersign.server.declared;

import org.jspecify.annotations.NullMarked;
