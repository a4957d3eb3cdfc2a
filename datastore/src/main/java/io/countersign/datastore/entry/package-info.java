// SPDX-License-Identifier: Apache-2.0
/** Registration entries: which selectors make which identity. */
@NullMarked
package io.countersign.datastore.entry;

import org.jspecify.annotations.NullMarked;
