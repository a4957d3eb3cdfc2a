// SPDX-License-Identifier: Apache-2.0
/**
 * Ways for nodes to prove themselves that Countersign does not have: {@link io.countersign.plugin.node.ServerNodeAttestor} and
 * {@link io.countersign.plugin.node.AgentNodeAttestor} are two halves of one conversation. Both are found by {@link
 * java.util.ServiceLoader}, through their providers, in the jars that {@code plugin_jar} names.
 */
@NullMarked
package io.countersign.plugin.node;

import org.jspecify.annotations.NullMarked;
