// SPDX-License-Identifier: Apache-2.0
package io.countersign.plugin.node;

import io.countersign.plugin.PluginContext;
import java.io.IOException;

/** Shows at the agent what this node is. Called by one thread at a time, which may block. */
public interface AgentNodeAttestor {
    /**
     * Begins an attempt, of which there are several in an agent's life.
     *
     * @throws IOException if there is nothing to show; the agent says so and does not start, or goes on with the identity that
     *     it has
     */
    Proof prove() throws IOException;

    /** One attempt. */
    interface Proof extends AutoCloseable {
        /** What is shown first: at least one byte. */
        byte[] payload();

        /**
         * What is said to a question of the other half: at least one byte.
         *
         * @throws IllegalArgumentException if there is nothing to say to it
         */
        byte[] answer(byte[] question);

        /** The attempt is over, whatever came of it. */
        @Override
        default void close() {}
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
        AgentNodeAttestor create(PluginContext context);
    }
}
