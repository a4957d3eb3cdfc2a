// SPDX-License-Identifier: Apache-2.0
/** Writes container images out of folders, the same bytes for the same files. */
@NullMarked
package io.countersign.image;

import org.jspecify.annotations.NullMarked;
