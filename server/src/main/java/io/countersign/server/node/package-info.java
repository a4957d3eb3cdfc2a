// SPDX-License-Identifier: Apache-2.0
/** Agents: letting them in, renewing them, banning them. */
@NullMarked
package io.countersign.server.node;

import org.jspecify.annotations.NullMarked;
