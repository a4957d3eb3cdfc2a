// SPDX-License-Identifier: Apache-2.0
package io.countersign.plugin.node;

import io.countersign.plugin.PluginContext;
import java.util.Set;
import java.util.function.Function;

/**
 * Decides at the server which node it is that shows something. Many nodes come at once, each on a thread that may block.
 */
public interface ServerNodeAttestor {
    /**
     * Looks at what a node shows first.
     *
     * @param payload what the other half has given out
     * @throws NodeRefusedException if it proves nothing; any other exception counts as a fault of the server's, and the node
     *     is not told what it says
     */
    Step begin(byte[] payload);

    /** How far it has come. */
    sealed interface Step {
        /**
         * A question to the node.
         *
         * @param question at least one byte
         * @param answer takes what the node says to it, and fails as {@link ServerNodeAttestor#begin} does
         */
        @SuppressWarnings("ArrayRecordComponent") // handed over, and looked at once
        record Challenge(byte[] question, Function<byte[], Step> answer) implements Step {}

        /**
         * The end of it: the node is let in.
         *
         * @param name tells this node from others of this attestor; its SPIFFE ID is {@code spiffe://<trust
         *     domain>/spire/agent/<attestor>/<name>}, and so it consists of what a path may
         * @param selectors what entries for groups of nodes can be matched by, such as {@code rack:7}; the attestor's name
         *     comes in front
         * @param canReattest whether the same node may come again; if not, it renews its certificate with the one that it
         *     has, and is refused here until an operator evicts it
         */
        record Proven(String name, Set<String> selectors, boolean canReattest) implements Step {
            public Proven {
                selectors = Set.copyOf(selectors);
            }
        }
    }

    /** Makes the attestor; named in {@code META-INF/services}, with a public constructor without arguments. */
    interface Provider {
        /** As in {@code NodeAttestor "name"}; both halves have the same. */
        String name();

        /**
         * Called once for each reading of the configuration file, by {@code validate}, too: it starts nothing.
         *
         * @throws IllegalArgumentException if the settings cannot be used; its message says which, and what was expected
         */
        ServerNodeAttestor create(PluginContext context);
    }
}
