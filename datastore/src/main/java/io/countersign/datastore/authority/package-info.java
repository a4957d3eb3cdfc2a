// SPDX-License-Identifier: Apache-2.0
/** The authorities of a server, and those that the trust domain's bundle holds. */
@NullMarked
package io.countersign.datastore.authority;

import org.jspecify.annotations.NullMarked;
