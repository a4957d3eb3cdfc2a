// SPDX-License-Identifier: Apache-2.0
/**
 * The feed of changes: what was changed, in the order in which it was committed, without gaps. A position is given out in the
 * transaction that makes the change, so a reader that has seen one position has seen everything before it.
 */
@NullMarked
package io.countersign.datastore.change;

import org.jspecify.annotations.NullMarked;
