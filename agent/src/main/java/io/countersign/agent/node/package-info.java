// SPDX-License-Identifier: Apache-2.0
/** The agent's own identity: how it is got, renewed and kept over a restart. */
@NullMarked
package io.countersign.agent.node;

import org.jspecify.annotations.NullMarked;
