// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import io.countersign.datastore.Selector;
import io.countersign.serverapi.types.SelectorMatch;
import io.grpc.Status;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Filters that compare a set with the one asked for. */
public final class SelectorMatching {
    private SelectorMatching() {}

    /** How two sets may compare, in the order of the API's numbers. */
    public enum Behavior {
        EXACT,
        SUBSET,
        SUPERSET,
        ANY;

        public <T> boolean matches(Set<T> found, Set<T> asked) {
            return switch (this) {
                case EXACT -> found.equals(asked);
                // an empty set is a subset of any, but the original never finds it
                case SUBSET -> !found.isEmpty() && asked.containsAll(found);
                case SUPERSET -> found.containsAll(asked);
                case ANY -> !Collections.disjoint(found, asked);
            };
        }
    }

    /**
     * A filter by selectors.
     *
     * @param words in front of what is wrong with it
     * @throws io.grpc.StatusRuntimeException if it holds no selector, a malformed one or an unknown behaviour
     */
    public static Predicate<Set<Selector>> of(SelectorMatch request, String words) {
        if (request.getSelectorsCount() == 0) {
            throw invalid(words + ": empty selector set");
        }
        try {
            var asked = selectors(request.getSelectorsList());
            var behavior = behavior(request.getMatchValue());
            return found -> behavior.matches(found, asked);
        } catch (IllegalArgumentException e) {
            throw invalid(words + ": " + e.getMessage());
        }
    }

    /** @throws IllegalArgumentException if the number stands for none */
    public static Behavior behavior(int number) {
        if (number < 0 || number >= Behavior.values().length) {
            throw new IllegalArgumentException("match behaviour " + number + ", expected 0 to 3");
        }
        return Behavior.values()[number];
    }

    /** @throws IllegalArgumentException if one is malformed */
    public static Set<Selector> selectors(Collection<io.countersign.serverapi.types.Selector> messages) {
        var selectors = new HashSet<Selector>();
        for (var message : messages) {
            if (message.getType().isEmpty()) {
                throw new IllegalArgumentException("missing selector type");
            }
            if (message.getType().contains(":")) {
                throw new IllegalArgumentException("selector type contains ':'");
            }
            if (message.getValue().isEmpty()) {
                throw new IllegalArgumentException("missing selector value");
            }
            selectors.add(new Selector(message.getType(), message.getValue()));
        }
        return Set.copyOf(selectors);
    }

    /** In a steady order. */
    public static List<io.countersign.serverapi.types.Selector> messages(Set<Selector> selectors) {
        return selectors.stream()
                .sorted()
                .map(selector -> io.countersign.serverapi.types.Selector.newBuilder()
                        .setType(selector.type())
                        .setValue(selector.value())
                        .build())
                .toList();
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
