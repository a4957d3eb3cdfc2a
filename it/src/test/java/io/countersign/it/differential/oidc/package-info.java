// SPDX-License-Identifier: Apache-2.0
/** Our OIDC discovery provider beside SPIRE's: the same file, the same keys, the same bytes sent to both. */
@NullMarked
package io.countersign.it.differential.oidc;

import org.jspecify.annotations.NullMarked;
