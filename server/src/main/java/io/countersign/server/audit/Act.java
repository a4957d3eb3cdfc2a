// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import io.grpc.Status.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What a method does, in the words of the audit file.
 *
 * @param event such as {@code entry.create}
 * @param changes whether what it does outlives its answer: then it is told before it is done, too
 * @param asked what a request is about, once for each of its items
 * @param told what became of it, once for each of its items
 */
record Act<Q, A>(
        String event,
        boolean changes,
        Class<Q> request,
        Class<A> answer,
        Function<Q, List<SequencedMap<String, String>>> asked,
        BiFunction<Q, A, List<Item>> told) {
    /** @param message of a refusal */
    record Item(Code code, String message, SequencedMap<String, String> about) {
        static Item done(SequencedMap<String, String> about) {
            return new Item(Code.OK, "", about);
        }

        static Item of(io.countersign.serverapi.types.Status status, SequencedMap<String, String> about) {
            var code = io.grpc.Status.fromCodeValue(status.getCode()).getCode();
            return new Item(code, code == Code.OK ? "" : status.getMessage(), about);
        }
    }

    private static final Map<String, Act<?, ?>> METHODS = table();

    private static Map<String, Act<?, ?>> table() {
        var methods = new HashMap<String, Act<?, ?>>();
        Issuances.addTo(methods);
        Changes.addTo(methods);
        AuthorityChanges.addTo(methods);
        return Map.copyOf(methods);
    }

    /** Nothing for a method that only asks; {@code spire.api.server.agent.v1.Agent/BanAgent} is one that does more. */
    static Optional<Act<?, ?>> of(String method) {
        return Optional.ofNullable(METHODS.get(method));
    }

    List<SequencedMap<String, String>> about(Object message) {
        return asked.apply(request.cast(message));
    }

    List<Item> outcome(Object message, Object reply) {
        return told.apply(request.cast(message), answer.cast(reply));
    }
}
