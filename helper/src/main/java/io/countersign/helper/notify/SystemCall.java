// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The C library's functions that Java has no way to. */
final class SystemCall {
    static final int ENOSYS = 38;

    private static final int EPERM = 1;
    private static final int ESRCH = 3;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle KILL = link("kill", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle CLOSE = link("close", ValueLayout.JAVA_INT);
    private static final MethodHandle SYSCALL = variadic();

    /** @param error zero, or the error number */
    record Outcome(long result, int error) {}

    private interface Call {
        long run(MemorySegment state) throws Throwable;
    }

    private SystemCall() {}

    @SuppressWarnings("restricted")
    private static MethodHandle link(String function, MemoryLayout... arguments) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(function),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
                Linker.Option.captureCallState("errno"));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle variadic() {
        var linker = Linker.nativeLinker();
        var number = ValueLayout.JAVA_LONG;
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(number, number, number, number, number, number),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }

    static Outcome kill(int pid, int signal) {
        return outcome(state -> (int) KILL.invokeExact(state, pid, signal));
    }

    static void close(int descriptor) {
        outcome(state -> (int) CLOSE.invokeExact(state, descriptor));
    }

    /** A system call by its number whose further arguments are zero. */
    static Outcome call(int number, int first, int second) {
        return outcome(state -> (long) SYSCALL.invokeExact(state, (long) number, (long) first, (long) second, 0L, 0L));
    }

    private static Outcome outcome(Call call) {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            long result = call.run(state);
            return new Outcome(result, result == -1 ? (int) ERRNO.get(state, 0L) : 0);
        } catch (Throwable e) {
            throw new IllegalStateException("the C library cannot be called", e);
        }
    }

    static String words(int error) {
        return switch (error) {
            case EPERM -> "not permitted; run both programs as the same user";
            case ESRCH -> "no such process";
            default -> "error " + error;
        };
    }
}
