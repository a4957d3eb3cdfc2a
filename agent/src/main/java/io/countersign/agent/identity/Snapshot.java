// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that this node may hand out at one moment.
 *
 * @param version grows by one with each change
 * @param entries by id
 * @param svids by the id of their entry; one that was just learned has none yet. One of another identity than its entry's is
 *     left out, as it is not for those whom the entry's selectors mean now
 * @param bundles of the own trust domain and of those that an entry federates with
 */
public record Snapshot(
        long version,
        TrustDomain trustDomain,
        Map<String, RegistrationEntry> entries,
        Map<String, IssuedSvid> svids,
        Map<TrustDomain, TrustBundle> bundles)
        implements BundleSource {
    public Snapshot {
        entries = Map.copyOf(entries);
        svids = ofTheirEntries(svids, entries);
        bundles = Map.copyOf(bundles);
    }

    private static Map<String, IssuedSvid> ofTheirEntries(
            Map<String, IssuedSvid> svids, Map<String, RegistrationEntry> entries) {
        var kept = new HashMap<>(svids);
        kept.entrySet().removeIf(each -> {
            var entry = entries.get(each.getKey());
            return entry == null
                    || !entry.spiffeId().equals(each.getValue().svid().id());
        });
        return Map.copyOf(kept);
    }

    /** The entries that a caller has a right to, in an order that stays the same. */
    public List<RegistrationEntry> entriesOf(Attestation caller) {
        return entries.values().stream()
                .filter(entry -> caller.satisfies(entry.selectors()))
                .sorted(Comparator.comparing(RegistrationEntry::id))
                .toList();
    }

    /** As {@link #entriesOf}, with only the oldest of several that have one hint (SPIFFE Workload API, section 5.2.1). */
    public List<RegistrationEntry> entriesOfByHint(Attestation caller) {
        var oldestFirst = entriesOf(caller).stream()
                .sorted(Comparator.comparing(RegistrationEntry::createdAt).thenComparing(RegistrationEntry::id))
                .toList();
        var hints = new HashSet<String>();
        var kept = new ArrayList<RegistrationEntry>();
        for (var entry : oldestFirst) {
            if (entry.hint().isEmpty() || hints.add(entry.hint())) {
                kept.add(entry);
            }
        }
        kept.sort(Comparator.comparing(RegistrationEntry::id));
        return List.copyOf(kept);
    }

    /** The bundles of the domains that these entries federate with, as far as they are known; not the own one. */
    public Map<TrustDomain, TrustBundle> federatedBundles(List<RegistrationEntry> of) {
        var found = new TreeMap<TrustDomain, TrustBundle>(Comparator.comparing(TrustDomain::name));
        for (var entry : of) {
            for (var domain : entry.federatesWith()) {
                if (!domain.equals(trustDomain)) {
                    bundle(domain).ifPresent(bundle -> found.put(domain, bundle));
                }
            }
        }
        return found;
    }

    /** As {@link #federatedBundles}, without those of JWT authorities alone: no bytes are no list of certificates. */
    public Map<TrustDomain, TrustBundle> federatedX509Bundles(List<RegistrationEntry> of) {
        var found = federatedBundles(of);
        found.values().removeIf(bundle -> bundle.x509Authorities().isEmpty());
        return found;
    }

    /** @throws IllegalStateException before the first synchronisation */
    public TrustBundle ownBundle() {
        return bundle(trustDomain)
                .orElseThrow(() -> new IllegalStateException("no bundle of " + trustDomain + " is known yet"));
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain domain) {
        return Optional.ofNullable(bundles.get(domain));
    }
}
