// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import com.google.protobuf.Message;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What a method needs. Fields are named as in the {@code .proto} files. */
sealed interface Rule {
    /** The call is let through or refused as a whole. */
    record Whole(Function<Message, List<Need>> needs) implements Rule {}

    /**
     * Each item is let through or refused, and refusals stand among the answers in {@code results}.
     *
     * @param items the repeated field of the request
     * @param needs of one item, which comes with its request
     */
    record Items(String items, BiFunction<Message, Object, List<Need>> needs) implements Rule {}

    /**
     * The call is let through, and what may not be read is left out of its answer.
     *
     * @param call what the call needs itself
     * @param items the repeated field of the answer
     * @param needs of one item
     */
    record Listing(Need call, String items, Function<Object, List<Need>> needs) implements Rule {}
}
