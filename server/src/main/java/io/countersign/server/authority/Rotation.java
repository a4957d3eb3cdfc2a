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
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the authorities of one kind through their lives. A key is kept before its authority is made, what vouches for an
 * authority is in the bundle before the authority is written down, and it is written down before it signs; after a crash in
 * between, what is missing is made anew. For one thread at a time.
 */
final class Rotation<A extends Authority> {
    private static final Logger log = LoggerFactory.getLogger(Rotation.class);

    private final Craft<A> craft;
    private final KeyRing keys;
    private final AuthorityJournal journal;

    Rotation(Craft<A> craft, KeyRing keys, AuthorityJournal journal) {
        this.craft = craft;
        this.keys = keys;
        this.journal = journal;
    }

    /** What an earlier process left, as far as its keys are there and it has not ended; else a new authority. */
    Succession<A> open(Instant now) throws IOException {
        var mine = journal.records().stream()
                .filter(record -> record.kind() == craft.kind())
                .toList();
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
    Succession<A> advance(Succession<A> from, Instant now) throws IOException {
        var succession = from.due(now) == Step.PREPARE ? prepare(from, now) : from;
        return succession.due(now) == Step.ACTIVATE ? activate(succession) : succession;
    }

    /** Makes the next one, in the place of one that was prepared before. */
    Succession<A> prepare(Succession<A> succession, Instant now) throws IOException {
        return succession.withPrepared(add(succession.slot().other(), State.PREPARED, now));
    }

    /** @throws IllegalStateException if none is prepared */
    Succession<A> activate(Succession<A> succession) {
        var next = succession.activated();
        journal.activate(craft.kind(), next.active().authorityId());
        log(State.ACTIVE, next.active());
        return next;
    }

    private A add(Slot slot, State state, Instant now) throws IOException {
        var authority = craft.make(keys.generate(craft.keyId(slot), craft.keyType()), now);
        journal.add(new AuthorityRecord(
                craft.kind(),
                authority.authorityId(),
                slot.name(),
                state,
                Base64.getEncoder().encodeToString(craft.material(authority)),
                authority.notBefore(),
                authority.notAfter()));
        log(state, authority);
        return authority;
    }

    private void log(State state, A authority) {
        log.atInfo()
                .addKeyValue("kind", craft.kind())
                .addKeyValue("authority_id", authority.authorityId())
                .addKeyValue("expires_at", authority.notAfter())
                .log("authority is {}", state == State.ACTIVE ? "active" : "prepared");
    }
}
