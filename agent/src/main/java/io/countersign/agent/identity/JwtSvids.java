// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import com.google.gson.JsonParser;
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens that were issued before, so that one is asked for again only after half of its life. What was used since it was
 * issued is renewed ahead, so that a workload does not wait for the server; the ones used longest ago make room. Thread-safe.
 */
public final class JwtSvids {
    private static final Logger log = LoggerFactory.getLogger(JwtSvids.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private record Key(String entryId, SpiffeId id, List<String> audience) {}

    /** @param used whether somebody has got it, other than by its issuing */
    private record Held(JwtSvid svid, Instant renewAt, boolean used) {}

    private final Server server;
    private final Supplier<Set<String>> taintedKeys;
    private final InstantSource clock;
    private final Duration patience;
    private final Duration firstPatience;
    private final Map<Key, Held> held;

    /** @param taintedKeys whose tokens are not to be handed out again */
    public JwtSvids(Server server, Supplier<Set<String>> taintedKeys, Tokens settings, InstantSource clock) {
        this.server = server;
        this.taintedKeys = taintedKeys;
        this.clock = clock;
        this.patience = settings.patience();
        this.firstPatience = settings.firstPatience();
        this.held = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Held> eldest) {
                return size() > settings.most();
            }
        };
    }

    /**
     * A token for an entry. While the server is away, one that was issued before serves until it expires.
     *
     * @throws StatusRuntimeException if there is none and the server gives none, or one for another identity
     */
    public JwtSvid fetch(RegistrationEntry entry, List<String> audience) {
        if (entry.uniqueTokens()) {
            return onlyFor(entry.spiffeId(), server.firstJwtSvid(entry.id(), audience, firstPatience));
        }
        var key =
                new Key(entry.id(), entry.spiffeId(), audience.stream().sorted().toList());
        var now = clock.instant();
        var known = use(key);
        if (known.isPresent() && now.isBefore(known.get().renewAt())) {
            return known.get().svid();
        }
        if (known.isEmpty() || !now.isBefore(known.get().svid().expiresAt())) {
            return issued(key, server.firstJwtSvid(entry.id(), audience, firstPatience), true);
        }
        try {
            return issued(key, server.newJwtSvid(entry.id(), audience, patience), true);
        } catch (StatusRuntimeException e) {
            log.warn("an earlier token is served, as the server gives none: {}", Refusals.words(e));
            return known.get().svid();
        }
    }

    /** The server may know the entry as another one by now, which is not for those whom it means here. */
    private static JwtSvid onlyFor(SpiffeId expected, JwtSvid svid) {
        if (!svid.id().equals(expected)) {
            throw Status.UNAVAILABLE
                    .withDescription("the entry of \"" + expected + "\" has just changed at the server; ask again")
                    .asRuntimeException();
        }
        return svid;
    }

    private JwtSvid issued(Key key, JwtSvid given, boolean used) {
        var svid = onlyFor(key.id(), given);
        var now = clock.instant();
        var half = now.plus(Duration.between(now, svid.expiresAt()).dividedBy(2));
        put(key, new Held(svid, half, used));
        return svid;
    }

    /**
     * Renews what is due and was used, and forgets what nobody can use any more.
     *
     * @param snapshot whose entries still exist
     */
    void refresh(Snapshot snapshot) {
        for (var due : due(snapshot)) {
            try {
                var _ = issued(due, server.newJwtSvid(due.entryId(), due.audience(), patience), false);
            } catch (StatusRuntimeException e) {
                postpone(due);
                log.debug("a token is not renewed ahead: {}", Refusals.words(e));
            }
        }
    }

    private synchronized List<Key> due(Snapshot snapshot) {
        var now = clock.instant();
        var tainted = taintedKeys.get();
        held.entrySet().removeIf(each -> {
            var entry = snapshot.entries().get(each.getKey().entryId());
            return entry == null
                    || !entry.spiffeId().equals(each.getKey().id())
                    || !now.isBefore(each.getValue().svid().expiresAt());
        });
        var due = new ArrayList<Key>();
        held.forEach((key, known) -> {
            if (known.used() && (!now.isBefore(known.renewAt()) || isTainted(known, tainted))) {
                due.add(key);
            }
        });
        return due;
    }

    private synchronized void postpone(Key key) {
        held.computeIfPresent(
                key, (same, known) -> new Held(known.svid(), clock.instant().plus(PAUSE), true));
    }

    private synchronized Optional<Held> use(Key key) {
        var tainted = taintedKeys.get();
        var known = Optional.ofNullable(held.get(key)).filter(each -> !isTainted(each, tainted));
        known.filter(each -> !each.used())
                .ifPresent(each -> held.put(key, new Held(each.svid(), each.renewAt(), true)));
        return known;
    }

    private static boolean isTainted(Held known, Set<String> tainted) {
        return !tainted.isEmpty() && tainted.contains(keyId(known.svid()));
    }

    private static String keyId(JwtSvid svid) {
        var header = svid.token().substring(0, svid.token().indexOf('.'));
        var id = JsonParser.parseString(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
                .getAsJsonObject()
                .get("kid");
        return id == null ? "" : id.getAsString();
    }

    private synchronized void put(Key key, Held value) {
        held.put(key, value);
    }

    /** How many are held. */
    public synchronized int count() {
        return held.size();
    }
}
