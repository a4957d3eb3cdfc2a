// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.key.KeyRing;
import io.countersign.ca.rotation.Authority;
import io.countersign.ca.rotation.Slot;
import io.countersign.ca.rotation.Succession;
import io.countersign.ca.rotation.Succession.Step;
import io.countersign.datastore.authority.AuthorityJournal;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.State;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the authorities of one kind through their lives. A key is kept before its authority is made, what vouches for an
 * authority is in the bundle before the authority is written down, and it is written down before it signs; after a crash in
 * between, what is missing is made anew. While the process lives, its memory says what signs and not the database, which may
 * go back. For one thread at a time.
 */
final class Rotation<A extends Authority> {
    private static final Logger log = LoggerFactory.getLogger(Rotation.class);

    private final Craft<A> craft;
    private final KeyRing keys;
    private final AuthorityJournal journal;
    private Succession<A> held;

    /** Finds what an earlier process left or begins anew, and takes the steps that are due. */
    Rotation(Craft<A> craft, KeyRing keys, AuthorityJournal journal, Instant now) throws IOException {
        this.craft = craft;
        this.keys = keys;
        this.journal = journal;
        this.held = open(now);
        advance(now);
    }

    Succession<A> held() {
        return held;
    }

    /** What an earlier process left, as far as its keys are there and it has not ended; else a new authority. */
    private Succession<A> open(Instant now) throws IOException {
        var mine = mine();
        var active = find(mine, State.ACTIVE);
        if (active.isEmpty() || !active.get().authority().notAfter().isAfter(now)) {
            var slot = active.map(held -> held.slot().other()).orElse(Slot.A);
            return new Succession<>(slot, add(slot, State.ACTIVE, now), Optional.empty());
        }
        var current = active.get();
        var prepared = find(mine, State.PREPARED)
                .filter(held -> held.slot() == current.slot().other())
                .map(Held::authority);
        if (prepared.isEmpty()) {
            mine.stream()
                    .filter(record -> record.state() == State.PREPARED)
                    .forEach(record -> journal.discard(record.kind(), record.authorityId()));
        }
        return new Succession<>(current.slot(), current.authority(), prepared);
    }

    private List<AuthorityRecord> mine() {
        return journal.records().stream()
                .filter(record -> record.kind() == craft.kind())
                .toList();
    }

    private record Held<A>(Slot slot, A authority) {}

    private Optional<Held<A>> find(List<AuthorityRecord> records, State state) {
        return records.stream()
                .filter(record -> record.state() == state)
                .findAny()
                .flatMap(this::restore);
    }

    private Optional<Held<A>> restore(AuthorityRecord record) {
        var slot = Slot.valueOf(record.slot());
        var pair = keys.find(craft.keyId(slot));
        if (pair.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Held<>(slot, craft.restore(record, pair.get())));
        } catch (IllegalArgumentException e) {
            log.atWarn()
                    .addKeyValue("authority_id", record.authorityId())
                    .addKeyValue("key", craft.keyId(slot))
                    .addKeyValue("reason", e.getMessage())
                    .log("this authority signs no more");
            return Optional.empty();
        }
    }

    /** Takes the steps that are due, each kind of them once: what is due then waits for the next time. */
    void advance(Instant now) throws IOException {
        if (held.due(now) == Step.PREPARE) {
            prepare(now);
        }
        if (held.due(now) == Step.ACTIVATE) {
            activate();
        }
    }

    /**
     * Makes the next one, in the place of one that was prepared before. That one is gone even if this fails: the next one's
     * key takes the place of its key first.
     */
    void prepare(Instant now) throws IOException {
        if (held.prepared().isPresent()) {
            journal.discard(craft.kind(), held.prepared().get().authorityId());
            held = held.withoutPrepared();
        }
        held = held.withPrepared(add(held.slot().other(), State.PREPARED, now));
    }

    /** @throws IllegalStateException if none is prepared */
    void activate() {
        var next = held.activated();
        settle();
        journal.write(record(next.slot(), State.ACTIVE, next.active()));
        held = next;
        log(State.ACTIVE, next.active());
    }

    /**
     * Makes good what the database has lost, as it does when one takes its place that has not heard of everything: writes down
     * again what signs and what is to. What the journal has lost the bundle has, too, and gets it back; what only the bundle
     * lacks was revoked and stays out.
     */
    void settle() {
        var written = mine().stream().collect(Collectors.toMap(AuthorityRecord::authorityId, AuthorityRecord::state));
        boolean kept = written.get(held.active().authorityId()) == State.ACTIVE
                && held.prepared().stream().allMatch(next -> written.get(next.authorityId()) == State.PREPARED);
        if (!kept) {
            // in this order: what is written as active ends what is prepared
            settle(held.slot(), State.ACTIVE, held.active(), written.keySet());
            held.prepared().ifPresent(next -> settle(held.slot().other(), State.PREPARED, next, written.keySet()));
        }
    }

    private void settle(Slot slot, State state, A authority, Set<String> written) {
        if (!written.contains(authority.authorityId())) {
            craft.vouch(authority);
        }
        journal.write(record(slot, state, authority));
        log.atWarn()
                .addKeyValue("kind", craft.kind())
                .addKeyValue("authority_id", authority.authorityId())
                .log("the datastore has lost that this authority is {}; it is written down again", words(state));
    }

    private A add(Slot slot, State state, Instant now) throws IOException {
        var authority = craft.make(keys.generate(craft.keyId(slot), craft.keyType()), now);
        journal.write(record(slot, state, authority));
        log(state, authority);
        return authority;
    }

    private AuthorityRecord record(Slot slot, State state, A authority) {
        return new AuthorityRecord(
                craft.kind(),
                authority.authorityId(),
                slot.name(),
                state,
                Base64.getEncoder().encodeToString(craft.material(authority)),
                authority.notBefore(),
                authority.notAfter());
    }

    private void log(State state, A authority) {
        log.atInfo()
                .addKeyValue("kind", craft.kind())
                .addKeyValue("authority_id", authority.authorityId())
                .addKeyValue("expires_at", authority.notAfter())
                .log("authority is {}", words(state));
    }

    private static String words(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
