// SPDX-License-Identifier: Apache-2.0
/** The node agent. {@link io.countersign.agent.AgentMain} dispatches the commands, {@link io.countersign.agent.Agent} wires the parts. */
@NullMarked
package io.countersign.agent;

import org.jspecify.annotations.NullMarked;
