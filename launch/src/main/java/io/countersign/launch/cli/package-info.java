// SPDX-License-Identifier: Apache-2.0
/** Command lines written the way the originals' users write them. */
@NullMarked
package io.countersign.launch.cli;

import org.jspecify.annotations.NullMarked;
