// SPDX-License-Identifier: Apache-2.0
/**
 * What probes are told: which files have been written, how long they last, whether they are still there, and who was
 * not told of them.
 */
@NullMarked
package io.countersign.helper.health;

import org.jspecify.annotations.NullMarked;
