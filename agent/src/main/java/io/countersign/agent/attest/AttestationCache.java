// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.rpc.ProcessImage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Attestations of processes as they are now, kept for a moment: a storm of calls from one program costs one. Whoever asks
 * while it is being made waits for it. A process that executes something else has another image, and so another place
 * here. Thread-safe.
 */
final class AttestationCache {
    /**
     * What one look at a process has brought.
     *
     * @param complete whether every attestor could look; if not, the next call looks again
     */
    record Look(Attestation attestation, boolean complete) {}

    record Key(int pid, ProcessImage image) {}

    private record Kept(Attestation attestation, Instant until) {}

    private static final Duration LIFE = Duration.ofSeconds(5);
    private static final int MOST = 10_000;

    private final InstantSource clock;
    private final Map<Key, CompletableFuture<Look>> underWay = new HashMap<>();
    /** The oldest first. */
    private final LinkedHashMap<Key, Kept> kept = new LinkedHashMap<>();

    AttestationCache(InstantSource clock) {
        this.clock = clock;
    }

    /** @throws RuntimeException as {@code look} does, to everybody who waits for it */
    Attestation get(Key key, Supplier<Look> look) {
        var mine = new CompletableFuture<Look>();
        Optional<CompletableFuture<Look>> others;
        synchronized (this) {
            forgetOld();
            var known = kept.get(key);
            if (known != null) {
                return known.attestation();
            }
            others = Optional.ofNullable(underWay.putIfAbsent(key, mine));
        }
        if (others.isEmpty()) {
            make(key, look, mine);
        }
        try {
            return others.orElse(mine).join().attestation();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException refused ? refused : e;
        }
    }

    private void make(Key key, Supplier<Look> look, CompletableFuture<Look> result) {
        try {
            var found = look.get();
            synchronized (this) {
                underWay.remove(key);
                if (found.complete()) {
                    kept.put(key, new Kept(found.attestation(), clock.instant().plus(LIFE)));
                }
            }
            result.complete(found);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                underWay.remove(key);
            }
            result.completeExceptionally(e);
        }
    }

    private void forgetOld() {
        var now = clock.instant();
        var oldestFirst = kept.values().iterator();
        while (oldestFirst.hasNext() && (!oldestFirst.next().until().isAfter(now) || kept.size() >= MOST)) {
            oldestFirst.remove();
        }
    }
}
