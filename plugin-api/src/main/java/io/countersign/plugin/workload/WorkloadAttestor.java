// SPDX-License-Identifier: Apache-2.0
package io.countersign.plugin.workload;

import io.countersign.plugin.PluginContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * Says at the agent what a program is that asks for an identity. Many are looked at at once, each on a thread that may
 * block; what was found out about a process is kept for some seconds, until the process executes something else.
 */
public interface WorkloadAttestor {
    /**
     * Looks at a process.
     *
     * @return what entries can be matched by, such as {@code team:shop}, each with who says so; the attestor's name comes in
     *     front. Empty if there is nothing to say of such a process
     * @throws IOException if there should be something to say, and it could not be looked at: the call of the process is
     *     answered by what other attestors have found
     */
    Map<String, Source> attest(Caller caller) throws IOException, InterruptedException;

    /** How long it may take; then its thread is interrupted, and it counts as failed. */
    default Duration patience() {
        return Duration.ofSeconds(10);
    }

    /**
     * A process on this machine as it was when it connected. Whether it is still the same is looked at afterwards, by the
     * agent.
     *
     * @param pid its number, as in {@code /proc}
     * @param uid its effective user
     * @param gid its effective group
     */
    record Caller(int pid, int uid, int gid) {}

    /** Who says that a selector is true. An entry that rests on what processes say of themselves gives nothing. */
    enum Source {
        /** The kernel; the process cannot change it. */
        KERNEL,
        /** A service of this machine that the process has no power over. */
        SERVICE,
        /** The process itself, as with its command line or its environment. */
        PROCESS
    }

    /** Makes the attestor; named in {@code META-INF/services}, with a public constructor without arguments. */
    interface Provider {
        /** As in {@code WorkloadAttestor "name"}; the type of its selectors. */
        String name();

        /**
         * Called once for each reading of the configuration file, by {@code validate}, too: it starts nothing.
         *
         * @throws IllegalArgumentException if the settings cannot be used; its message says which, and what was expected
         */
        WorkloadAttestor create(PluginContext context);
    }
}
