// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.launch.config.ConfigBlock;

/**
 * How much of the agent one caller may take; 0 is no limit.
 *
 * @param streamsPerProcess calls of one process that may be open at once; and its connections. All processes of one user in
 *     one control group may have four times as many
 * @param streamsPerWorkload the same of all processes with the same selectors
 * @param callsPerProcess calls that one process may begin in a second
 * @param callsPerWorkload the same of all processes with the same selectors
 * @param attestations processes of one user in one control group that are looked at at once
 */
public record CallerLimits(
        int streamsPerProcess, int streamsPerWorkload, int callsPerProcess, int callsPerWorkload, int attestations) {
    private static final int CALLS_PER_PROCESSOR = 5_000;
    private static final int STREAMS = 12_000;

    /** In bytes of the agent's memory, so that those of an origin, with what they take outside of it, fit into a container. */
    private static final long MEMORY_PER_STREAM = 80 << 10;

    /** What an agent has whose file says nothing: far above what a program does that means well. */
    public static CallerLimits standard() {
        var machine = Runtime.getRuntime();
        return standard(machine.availableProcessors(), machine.maxMemory());
    }

    static CallerLimits standard(int processors, long memory) {
        int calls = CALLS_PER_PROCESSOR * processors;
        int streams = (int) Math.min(STREAMS, memory / MEMORY_PER_STREAM);
        return new CallerLimits(streams, 2 * streams, calls, 2 * calls, 4);
    }

    static CallerLimits read(ConfigBlock root) {
        var standard = standard();
        return root.block("caller_limits")
                .map(block -> new CallerLimits(
                        number(block, "streams_per_process", standard.streamsPerProcess),
                        number(block, "streams_per_workload", standard.streamsPerWorkload),
                        number(block, "calls_per_process", standard.callsPerProcess),
                        number(block, "calls_per_workload", standard.callsPerWorkload),
                        number(block, "attestations", standard.attestations)))
                .orElse(standard);
    }

    private static int number(ConfigBlock block, String key, int standard) {
        int found = block.integer(key, standard);
        if (found < 0) {
            block.problem(key, "\"" + found + "\" was found, expected a number, or 0 for no limit");
        }
        return found;
    }
}
