// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.server.wire.DnsNames;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.SelectorMatching;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Entry.AdditionalAttributes;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.countersign.spiffe.TrustDomain;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Entries as messages, and messages as entries once they keep SPIRE's rules. */
final class EntryMessages {
    private static final int LONGEST_HINT = 1024;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,255}");

    private EntryMessages() {}

    static Entry message(RegistrationEntry entry) {
        var terms = entry.terms();
        var message = Entry.newBuilder()
                .setId(entry.id())
                .setSpiffeId(Ids.message(entry.spiffeId()))
                .setParentId(Ids.message(entry.parentId()))
                .addAllSelectors(SelectorMatching.messages(entry.selectors()))
                .setX509SvidTtl((int) terms.x509Ttl().toSeconds())
                .setJwtSvidTtl((int) terms.jwtTtl().toSeconds())
                .addAllFederatesWith(terms.federatesWith().stream()
                        .map(TrustDomain::name)
                        .sorted()
                        .toList())
                .setAdmin(terms.admin())
                .setDownstream(terms.downstream())
                .setExpiresAt(entry.expiresAt().map(Instant::getEpochSecond).orElse(0L))
                .addAllDnsNames(terms.dnsNames())
                .setRevisionNumber(entry.revision())
                .setStoreSvid(terms.storeSvid())
                .setHint(terms.hint())
                .setCreatedAt(entry.createdAt().getEpochSecond());
        if (terms.noPrefetch() || terms.uniqueTokens()) {
            message.setAdditionalAttributes(AdditionalAttributes.newBuilder()
                    .setDisableX509SvidPrefetch(terms.noPrefetch())
                    .setJwtSvidIncludeJti(terms.uniqueTokens()));
        }
        return message.build();
    }

    /** What an update can be checked against, where there is nothing to update. */
    static Entry plausible(TrustDomain trustDomain) {
        var id = SPIFFEID.newBuilder().setTrustDomain(trustDomain.name()).setPath("/any");
        return Entry.newBuilder()
                .setSpiffeId(id)
                .setParentId(id)
                .addSelectors(Selector.newBuilder().setType("any").setValue("any"))
                .build();
    }

    /**
     * @param id for a message that has none
     * @throws IllegalArgumentException if the message breaks a rule
     */
    static RegistrationEntry entry(Entry message, TrustDomain trustDomain, String id, Instant createdAt) {
        var parent = named(
                "invalid parent ID",
                () -> Ids.member(Ids.given(message.hasParentId(), message.getParentId()), trustDomain));
        var workload = named(
                "invalid spiffe ID",
                () -> Ids.workload(Ids.given(message.hasSpiffeId(), message.getSpiffeId()), trustDomain));
        if (message.getSelectorsCount() == 0) {
            throw new IllegalArgumentException("selector list is empty");
        }
        var selectors = SelectorMatching.selectors(message.getSelectorsList());
        checkStorable(message);
        var entryId = message.getId().isEmpty() ? id : message.getId();
        if (!ID.matcher(entryId).matches()) {
            throw new IllegalArgumentException(
                    "invalid entry ID \"" + entryId + "\", expected at most 255 letters, digits, '-', '.' or '_'");
        }
        if (message.getExpiresAt() < 0) {
            throw new IllegalArgumentException("expiration time " + message.getExpiresAt() + ", expected none below 0");
        }
        var expiry = message.getExpiresAt() == 0
                ? Optional.<Instant>empty()
                : Optional.of(Instant.ofEpochSecond(message.getExpiresAt()));
        return new RegistrationEntry(
                entryId, workload, parent, selectors, terms(message), expiry, message.getRevisionNumber(), createdAt);
    }

    private static Terms terms(Entry message) {
        if (message.getX509SvidTtl() < 0 || message.getJwtSvidTtl() < 0) {
            throw new IllegalArgumentException(
                    "ttl " + Math.min(message.getX509SvidTtl(), message.getJwtSvidTtl()) + ", expected none below 0");
        }
        if (message.getHint().getBytes(StandardCharsets.UTF_8).length > LONGEST_HINT) {
            throw new IllegalArgumentException("hint is too long, max length is " + LONGEST_HINT + " bytes");
        }
        var attributes = message.getAdditionalAttributes();
        if (message.getStoreSvid()) {
            checkStored(message);
        }
        return new Terms(
                Duration.ofSeconds(message.getX509SvidTtl()),
                Duration.ofSeconds(message.getJwtSvidTtl()),
                federations(message),
                dnsNames(message.getDnsNamesList()),
                message.getAdmin(),
                message.getDownstream(),
                message.getStoreSvid(),
                message.getHint(),
                attributes.getDisableX509SvidPrefetch(),
                attributes.getJwtSvidIncludeJti());
    }

    /** One entry that PostgreSQL cannot store would take those along that come with it. */
    private static void checkStorable(Entry message) {
        var texts = Stream.concat(
                message.getSelectorsList().stream().flatMap(one -> Stream.of(one.getType(), one.getValue())),
                Stream.of(message.getHint()));
        if (texts.anyMatch(text -> text.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException(
                    "a selector or the hint contains the character U+0000, expected none that cannot be stored");
        }
    }

    private static void checkStored(Entry message) {
        if (message.getSelectorsList().stream().map(s -> s.getType()).distinct().count() > 1) {
            throw new IllegalArgumentException("selector types must be the same when store SVID is enabled");
        }
        if (message.getAdditionalAttributes().getDisableX509SvidPrefetch()) {
            throw new IllegalArgumentException("an SVID that is stored cannot go without prefetch");
        }
    }

    private static Set<TrustDomain> federations(Entry message) {
        return message.getFederatesWithList().stream()
                .map(name -> named("invalid federated trust domain", () -> Ids.trustDomain(name)))
                .collect(Collectors.toSet());
    }

    private static List<String> dnsNames(List<String> names) {
        var distinct = new HashSet<String>();
        for (var name : names) {
            if (!distinct.add(named("invalid DNS name", () -> DnsNames.check(name)))) {
                throw new IllegalArgumentException(
                        "invalid DNS name: \"" + name + "\" is there twice, expected each name once");
            }
        }
        return names;
    }

    private static <T> T named(String what, Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
        }
    }
}
