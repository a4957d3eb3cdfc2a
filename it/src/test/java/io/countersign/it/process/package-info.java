// SPDX-License-Identifier: Apache-2.0
/** Real processes: ours out of the distribution, and the originals in the same place. */
@NullMarked
package io.countersign.it.process;

import org.jspecify.annotations.NullMarked;
