// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The system call kill(2): Java itself sends SIGTERM and SIGKILL only, and a container may have no program of this name. */
final class Kill {
    private static final int EPERM = 1;
    private static final int ESRCH = 3;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle KILL = link();

    private Kill() {}

    @SuppressWarnings("restricted")
    private static MethodHandle link() {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("kill"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                Linker.Option.captureCallState("errno"));
    }

    /**
     * Sends a signal to one process.
     *
     * @param pid greater than 0: zero and negative numbers mean whole groups of processes
     * @throws IOException if there is no such process or it belongs to somebody else
     */
    static void send(Signal signal, long pid) throws IOException {
        if (pid <= 0 || pid > Integer.MAX_VALUE) {
            throw new IOException("\"" + pid + "\" is no process id, expected a number greater than 0");
        }
        int error = call((int) pid, signal.number());
        if (error != 0) {
            throw new IOException("%s cannot be sent to process %d: %s".formatted(signal, pid, words(error)));
        }
    }

    /** Zero, or the error number. */
    private static int call(int pid, int signal) {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            int result = (int) KILL.invokeExact(state, pid, signal);
            return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("kill(2) cannot be called", e);
        }
    }

    private static String words(int error) {
        return switch (error) {
            case EPERM -> "not permitted; run both programs as the same user";
            case ESRCH -> "no such process";
            default -> "error " + error;
        };
    }
}
