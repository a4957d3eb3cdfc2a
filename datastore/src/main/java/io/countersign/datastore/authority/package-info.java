// SPDX-License-Identifier: Apache-2.0
/** The authorities that a server has had, as far as others must still trust them. */
@NullMarked
package io.countersign.datastore.authority;

import org.jspecify.annotations.NullMarked;
