// SPDX-License-Identifier: Apache-2.0
/**
 * The same input to ours and to the original, the answers compared field by field. What may differ is data: a file for each
 * {@link io.countersign.it.differential.Family}, each line with its reason.
 */
@NullMarked
package io.countersign.it.differential;

import org.jspecify.annotations.NullMarked;
