// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.replica.SortedTree;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Pages.Rows;
import io.countersign.server.wire.SelectorMatching;
import io.countersign.serverapi.entry.CountEntriesRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.FederatesWithMatch;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a list is asked to hold.
 *
 * @param spiffeId which ID alone, if one is asked for
 * @param parent below which alone
 * @param rest whatever else
 */
record EntryFilter(Optional<SpiffeId> spiffeId, Optional<SpiffeId> parent, Predicate<RegistrationEntry> rest) {
    /** Where those that match are found: below one parent are fewer than in all. */
    Rows<RegistrationEntry> rows(EntrySnapshot entries) {
        if (spiffeId.isPresent()) {
            return entries.bySpiffeId().get(spiffeId.get()).orElseGet(SortedTree::empty)::after;
        }
        if (parent.isPresent()) {
            return entries.byParent().get(parent.get()).orElseGet(SortedTree::empty)::after;
        }
        return entries.rows()::after;
    }

    boolean matches(RegistrationEntry entry) {
        return spiffeId.filter(id -> !entry.spiffeId().equals(id)).isEmpty()
                && parent.filter(id -> !entry.parentId().equals(id)).isEmpty()
                && rest.test(entry);
    }

    /** The filter of a count has the fields of a list's, in another message. */
    static ListEntriesRequest.Filter of(CountEntriesRequest.Filter filter) {
        var same = ListEntriesRequest.Filter.newBuilder()
                .setBySpiffeId(filter.getBySpiffeId())
                .setByParentId(filter.getByParentId())
                .setBySelectors(filter.getBySelectors())
                .setByFederatesWith(filter.getByFederatesWith())
                .setByHint(filter.getByHint())
                .setByDownstream(filter.getByDownstream());
        if (!filter.hasBySpiffeId()) {
            same.clearBySpiffeId();
        }
        if (!filter.hasByParentId()) {
            same.clearByParentId();
        }
        if (!filter.hasBySelectors()) {
            same.clearBySelectors();
        }
        if (!filter.hasByFederatesWith()) {
            same.clearByFederatesWith();
        }
        if (!filter.hasByHint()) {
            same.clearByHint();
        }
        return same.build();
    }

    /** @throws io.grpc.StatusRuntimeException if a part of the filter is malformed */
    static EntryFilter of(ListEntriesRequest.Filter filter, TrustDomain trustDomain) {
        var spiffeId = Optional.<SpiffeId>empty();
        var parent = Optional.<SpiffeId>empty();
        Predicate<RegistrationEntry> all = entry -> true;
        if (filter.hasBySpiffeId()) {
            var asked = Optional.of(filter.getBySpiffeId());
            spiffeId = Optional.of(id("SPIFFE ID", () -> Ids.workload(asked, trustDomain)));
        }
        if (filter.hasByParentId()) {
            var asked = Optional.of(filter.getByParentId());
            parent = Optional.of(id("parent ID", () -> Ids.member(asked, trustDomain)));
        }
        if (filter.hasBySelectors()) {
            var selectors = SelectorMatching.of(filter.getBySelectors(), "malformed selectors filter");
            all = all.and(entry -> selectors.test(entry.selectors()));
        }
        if (filter.hasByFederatesWith()) {
            all = all.and(federatesWith(filter.getByFederatesWith()));
        }
        // as with the original, asking for no hint and for no downstream asks for nothing
        if (!filter.getByHint().getValue().isEmpty()) {
            var hint = filter.getByHint().getValue();
            all = all.and(entry -> entry.terms().hint().equals(hint));
        }
        if (filter.getByDownstream().getValue()) {
            all = all.and(entry -> entry.terms().downstream());
        }
        return new EntryFilter(spiffeId, parent, all);
    }

    private static SpiffeId id(String what, Supplier<SpiffeId> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("malformed " + what + " filter: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private static Predicate<RegistrationEntry> federatesWith(FederatesWithMatch match) {
        try {
            if (match.getTrustDomainsCount() == 0) {
                throw new IllegalArgumentException("empty trust domain set");
            }
            var asked =
                    match.getTrustDomainsList().stream().map(Ids::trustDomain).collect(Collectors.toSet());
            var behavior = SelectorMatching.behavior(match.getMatchValue());
            return entry -> behavior.matches(entry.terms().federatesWith(), asked);
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("malformed federates with filter: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
