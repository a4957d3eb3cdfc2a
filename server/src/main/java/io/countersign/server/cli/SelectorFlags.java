// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.wire.Selectors;
import io.countersign.serverapi.types.FederatesWithMatch;
import io.countersign.serverapi.types.Selector;
import io.countersign.serverapi.types.SelectorMatch;
import java.util.List;
import java.util.Locale;

/** Selectors as words, and how lists of them are compared. */
final class SelectorFlags {
    private SelectorFlags() {}

    /** @throws IllegalArgumentException if one has no colon */
    static List<Selector> parse(List<String> words) {
        return words.stream().map(Selectors::parse).toList();
    }

    /** @throws IllegalArgumentException if there is no such behaviour */
    static SelectorMatch.MatchBehavior behavior(String word) {
        return SelectorMatch.MatchBehavior.valueOf(constant(word));
    }

    /** @param mistake in front of what is wrong with a selector */
    static SelectorMatch match(List<String> words, SelectorMatch.MatchBehavior behavior, String mistake) {
        try {
            return SelectorMatch.newBuilder()
                    .addAllSelectors(parse(words))
                    .setMatch(behavior)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(mistake + ": " + e.getMessage(), e);
        }
    }

    static FederatesWithMatch federations(List<String> trustDomains, String behavior) {
        return FederatesWithMatch.newBuilder()
                .addAllTrustDomains(trustDomains)
                .setMatch(FederatesWithMatch.MatchBehavior.valueOf(constant(behavior)))
                .build();
    }

    private static String constant(String behavior) {
        return switch (behavior) {
            case "exact", "any", "superset", "subset" -> "MATCH_" + behavior.toUpperCase(Locale.ROOT);
            default ->
                throw new IllegalArgumentException(
                        "match behavior \"" + behavior + "\" unknown; expected exact, any, superset or subset");
        };
    }
}
