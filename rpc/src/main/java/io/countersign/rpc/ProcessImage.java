// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

/**
 * What a process is at one moment. It is another one as soon as the process executes a program, the same one included, or
 * takes on another user or group; the number of the process and its start time stay.
 *
 * @param startTime in clock ticks since boot
 * @param uid the effective user
 * @param gid the effective group
 * @param code where the program's code begins in memory; the kernel chooses anew for each execution, and says it only to
 *     those who may look into the process
 * @param stack where its stack begins, likewise
 * @param program which file is executed, as {@link ProgramFile} says; empty if this is not to be seen
 */
public record ProcessImage(long startTime, int uid, int gid, long code, long stack, String program) {}
