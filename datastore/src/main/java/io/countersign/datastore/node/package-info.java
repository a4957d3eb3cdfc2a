// SPDX-License-Identifier: Apache-2.0
/** Attested nodes, and the tokens by which new ones join. */
@NullMarked
package io.countersign.datastore.node;

import org.jspecify.annotations.NullMarked;
