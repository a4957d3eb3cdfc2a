// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.rpc.ProgramFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Names the file that a process executes by device and number, as the kernel has them in memory: statx(2) without
 * synchronisation, which Java has no way to. Its own look at a file asks the file system, which a FUSE daemon that sleeps or
 * an NFS server that is gone never answers.
 */
public final class RunningFile implements ProgramFile {
    private static final String FUNCTION = "statx";
    private static final int FROM_THE_CURRENT_FOLDER = -100;
    private static final int DO_NOT_SYNCHRONISE = 0x4000;
    private static final int NUMBER_WANTED = 0x100;

    private static final long SIZE = 256;
    private static final long NUMBER = 32;
    private static final long DEVICE_MAJOR = 136;
    private static final long DEVICE_MINOR = 140;

    /** C libraries before 2018 have it not. */
    private static final boolean KNOWN =
            Linker.nativeLinker().defaultLookup().find(FUNCTION).isPresent();

    /** Made when it is first used, once it is clear that it can be. */
    private static final class Statx {
        private static final MethodHandle CALL = link();

        @SuppressWarnings("restricted")
        private static MethodHandle link() {
            var linker = Linker.nativeLinker();
            var number = ValueLayout.JAVA_INT;
            var pointer = ValueLayout.ADDRESS;
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(FUNCTION),
                    FunctionDescriptor.of(number, number, pointer, number, number, pointer));
        }
    }

    @Override
    public String of(int pid) {
        return KNOWN ? number(pid) : ProgramFile.link(pid);
    }

    private static String number(int pid) {
        try (var arena = Arena.ofConfined()) {
            var path = arena.allocateFrom("/proc/" + pid + "/exe");
            var found = arena.allocate(SIZE, Long.BYTES);
            int failed = (int)
                    Statx.CALL.invokeExact(FROM_THE_CURRENT_FOLDER, path, DO_NOT_SYNCHRONISE, NUMBER_WANTED, found);
            if (failed != 0) {
                return "";
            }
            return found.get(ValueLayout.JAVA_INT, DEVICE_MAJOR) + ":"
                    + found.get(ValueLayout.JAVA_INT, DEVICE_MINOR) + ":"
                    + Long.toUnsignedString(found.get(ValueLayout.JAVA_LONG, NUMBER));
        } catch (Throwable e) {
            throw new IllegalStateException("the C library cannot be called", e);
        }
    }
}
