// SPDX-License-Identifier: Apache-2.0
/** Authority keys: their types, where they are kept, and what signs with them. */
@NullMarked
package io.countersign.ca.key;

import org.jspecify.annotations.NullMarked;
