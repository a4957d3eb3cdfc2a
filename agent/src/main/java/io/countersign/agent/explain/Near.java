// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.explain;

import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.Attestation;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * An entry that a program does not match, and how far it is from it.
 *
 * @param missing selectors of the entry that the program has not, each with what it has of that kind; if there is none, all
 *     are there but are claims
 */
record Near(RegistrationEntry entry, List<Missing> missing) {
    private static final int MOST = 3;
    private static final Comparator<Selector> IN_ORDER = Comparator.comparing(Selector::toString);

    /** @param instead a selector of the same kind, such as another {@code unix:uid} */
    record Missing(Selector wanted, Optional<Selector> instead) {}

    Near {
        missing = List.copyOf(missing);
    }

    /** The nearest first: with the fewest selectors missing, then with the most that are there. */
    static List<Near> of(Attestation attestation, Collection<RegistrationEntry> entries) {
        return entries.stream()
                .filter(entry -> !attestation.satisfies(entry.selectors()))
                .map(entry -> of(attestation, entry))
                .sorted(Comparator.<Near>comparingInt(near -> near.missing.size())
                        .thenComparingInt(near -> -near.entry.selectors().size())
                        .thenComparing(near -> near.entry.spiffeId().toString())
                        .thenComparing(near -> near.entry.id()))
                .limit(MOST)
                .toList();
    }

    private static Near of(Attestation attestation, RegistrationEntry entry) {
        return new Near(
                entry,
                entry.selectors().stream()
                        .filter(wanted -> !attestation.selectors().containsKey(wanted))
                        .sorted(IN_ORDER)
                        .map(wanted -> new Missing(wanted, instead(wanted, attestation)))
                        .toList());
    }

    /** The one of the same type and key that shares the longest beginning, as a label's name. */
    private static Optional<Selector> instead(Selector wanted, Attestation attestation) {
        return attestation.selectors().keySet().stream()
                .filter(seen -> seen.type().equals(wanted.type()) && key(seen).equals(key(wanted)))
                .sorted(IN_ORDER)
                .max(Comparator.comparingInt(seen -> common(seen.value(), wanted.value())));
    }

    private static String key(Selector selector) {
        int colon = selector.value().indexOf(':');
        return colon < 0 ? "" : selector.value().substring(0, colon);
    }

    private static int common(String one, String other) {
        int length = Math.min(one.length(), other.length());
        int i = 0;
        while (i < length && one.charAt(i) == other.charAt(i)) {
            i++;
        }
        return i;
    }

    /** Whether all is there, but on the process's word alone. */
    boolean isClaimed() {
        return missing.isEmpty();
    }

    /**
     * The selectors, of those that are seen of that program, by which an entry would give this identity to it, too; what it has
     * nothing in the place of is left out. Nothing if all that is seen are claims, and those do not suffice.
     */
    Optional<TreeSet<Selector>> mended(Attestation attestation) {
        var selectors = new TreeSet<>(IN_ORDER);
        entry.selectors().stream().filter(attestation.selectors()::containsKey).forEach(selectors::add);
        missing.forEach(each -> each.instead().ifPresent(selectors::add));
        if (!attestation.satisfies(selectors)) {
            strongest(attestation).findFirst().ifPresent(selectors::add);
        }
        return attestation.satisfies(selectors) ? Optional.of(selectors) : Optional.empty();
    }

    /** Those that are more than claims, the kernel's first. */
    static Stream<Selector> strongest(Attestation attestation) {
        return attestation.selectors().entrySet().stream()
                .filter(each -> each.getValue() != Assurance.CLAIMED)
                .sorted(Comparator.<Map.Entry<Selector, Assurance>, Assurance>comparing(Map.Entry::getValue)
                        .thenComparing(Map.Entry::getKey, IN_ORDER))
                .map(Map.Entry::getKey);
    }
}
