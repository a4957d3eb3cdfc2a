// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds a token by its label, which the JDK's PKCS#11 provider cannot: it takes the number of a slot. The functions and
 * structures are those of PKCS#11 2.40, sections 5.1 to 5.5, as a 64-bit Linux lays them out.
 */
@SuppressWarnings("restricted") // foreign functions are what this is for
final class Pkcs11Slots {
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout.OfLong ULONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfByte TOKEN_PRESENT = ValueLayout.JAVA_BYTE;

    /** What comes before the pointers in a CK_FUNCTION_LIST: two bytes of version, aligned. */
    private static final long FIRST_FUNCTION = POINTER.byteSize();

    private static final int INITIALIZE = 0;
    private static final int FINALIZE = 1;
    private static final int GET_SLOT_LIST = 4;
    private static final int GET_TOKEN_INFO = 6;
    private static final int FUNCTIONS_READ = 7;

    private static final long OK = 0;
    private static final long ALREADY_INITIALIZED = 0x191;

    private static final int LABEL_BYTES = 32;
    /** More than the 208 bytes of a CK_TOKEN_INFO. */
    private static final int TOKEN_INFO_BYTES = 256;

    private final Arena arena;
    private final MemorySegment functions;

    private Pkcs11Slots(Arena arena, MemorySegment functions) {
        this.arena = arena;
        this.functions = functions;
    }

    /**
     * The slot of the one token with that label.
     *
     * @throws IOException if the module cannot be used, or not exactly one of its tokens is labelled so
     */
    static int find(Path module, String label) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var slots = new Pkcs11Slots(arena, functions(module, arena));
            long begun = slots.call(INITIALIZE, MemorySegment.NULL);
            if (begun != OK && begun != ALREADY_INITIALIZED) {
                throw failed("C_Initialize", begun);
            }
            try {
                return slots.find(label);
            } finally {
                if (begun == OK) {
                    // the provider wants to begin itself
                    slots.call(FINALIZE, MemorySegment.NULL);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("module_path " + module + " cannot be loaded: " + e.getMessage(), e);
        }
    }

    private static MemorySegment functions(Path module, Arena arena) throws IOException {
        // for good: a module that is unloaded while the provider uses it takes the process with it
        var symbol = SymbolLookup.libraryLookup(module, Arena.global())
                .find("C_GetFunctionList")
                .orElseThrow(() -> new IOException("module_path " + module + " is no pkcs#11 module"));
        var list = arena.allocate(POINTER);
        require("C_GetFunctionList", call(handle(symbol, POINTER), list));
        return list.get(POINTER, 0).reinterpret(FIRST_FUNCTION + FUNCTIONS_READ * POINTER.byteSize());
    }

    private int find(String label) throws IOException {
        var found = new ArrayList<Integer>();
        var others = new ArrayList<String>();
        for (long slot : slots()) {
            var info = arena.allocate(TOKEN_INFO_BYTES);
            // a slot may have lost its token in the meantime, or hold one that is of no use
            if (call(GET_TOKEN_INFO, slot, info) == OK) {
                var name = new String(
                                info.asSlice(0, LABEL_BYTES).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)
                        .stripTrailing();
                if (name.equals(label)) {
                    found.add(Math.toIntExact(slot));
                } else {
                    others.add(name);
                }
            }
        }
        if (found.size() != 1) {
            throw new IOException("token_label \"" + label + "\" is that of " + found.size()
                    + " tokens, expected one; there are others with the labels " + others);
        }
        return found.getFirst();
    }

    private long[] slots() throws IOException {
        var count = arena.allocate(ULONG);
        require("C_GetSlotList", call(GET_SLOT_LIST, (byte) 1, MemorySegment.NULL, count));
        var ids = arena.allocate(ULONG, count.get(ULONG, 0));
        require("C_GetSlotList", call(GET_SLOT_LIST, (byte) 1, ids, count));
        return ids.asSlice(0, count.get(ULONG, 0) * ULONG.byteSize()).toArray(ULONG);
    }

    private long call(int function, Object... arguments) {
        var address = functions.get(POINTER, FIRST_FUNCTION + function * POINTER.byteSize());
        var layouts = List.of(arguments).stream().map(Pkcs11Slots::layout).toArray(MemoryLayout[]::new);
        return call(handle(address, layouts), arguments);
    }

    private static MemoryLayout layout(Object argument) {
        return switch (argument) {
            case MemorySegment _ -> POINTER;
            case Long _ -> ULONG;
            case Byte _ -> TOKEN_PRESENT;
            default -> throw new IllegalArgumentException("no pkcs#11 function takes " + argument);
        };
    }

    private static MethodHandle handle(MemorySegment function, MemoryLayout... arguments) {
        return Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(ULONG, arguments));
    }

    private static long call(MethodHandle function, Object... arguments) {
        try {
            return (long) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("a native function throws nothing", e);
        }
    }

    private static void require(String function, long answer) throws IOException {
        if (answer != OK) {
            throw failed(function, answer);
        }
    }

    private static IOException failed(String function, long answer) {
        return new IOException("the pkcs#11 module answers " + function + " with 0x" + Long.toHexString(answer));
    }
}
