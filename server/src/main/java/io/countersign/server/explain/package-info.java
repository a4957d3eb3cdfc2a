// SPDX-License-Identifier: Apache-2.0
/** Why an agent has an entry, or has not: the server's own rule, with the steps that lead there. */
@NullMarked
package io.countersign.server.explain;

import org.jspecify.annotations.NullMarked;
