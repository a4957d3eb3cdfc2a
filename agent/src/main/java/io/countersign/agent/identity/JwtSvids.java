// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import com.google.gson.JsonParser;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tokens that were issued before, so that one is asked for again only after half of its life. Thread-safe. */
public final class JwtSvids {
    private static final Logger log = LoggerFactory.getLogger(JwtSvids.class);
    private static final int MOST = 1000;

    private record Key(String entryId, SpiffeId id, List<String> audience) {}

    private record Held(JwtSvid svid, Instant renewAt) {}

    private final Server server;
    private final Supplier<Set<String>> taintedKeys;
    private final InstantSource clock;
    private final Map<Key, Held> held = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Held> eldest) {
            return size() > MOST;
        }
    };

    /** @param taintedKeys whose tokens are not to be handed out again */
    public JwtSvids(Server server, Supplier<Set<String>> taintedKeys, InstantSource clock) {
        this.server = server;
        this.taintedKeys = taintedKeys;
        this.clock = clock;
    }

    /**
     * A token for an entry. While the server is away, one that was issued before serves until it expires.
     *
     * @throws StatusRuntimeException if there is none and the server gives none
     */
    public JwtSvid fetch(RegistrationEntry entry, List<String> audience) {
        if (entry.uniqueTokens()) {
            return server.newJwtSvid(entry.id(), audience);
        }
        var key =
                new Key(entry.id(), entry.spiffeId(), audience.stream().sorted().toList());
        var now = clock.instant();
        var known = get(key);
        if (known.isPresent() && now.isBefore(known.get().renewAt())) {
            return known.get().svid();
        }
        try {
            var svid = server.newJwtSvid(entry.id(), audience);
            put(
                    key,
                    new Held(
                            svid,
                            now.plus(Duration.between(now, svid.expiresAt()).dividedBy(2))));
            return svid;
        } catch (StatusRuntimeException e) {
            if (known.isPresent() && now.isBefore(known.get().svid().expiresAt())) {
                log.warn("an earlier token is served, as the server gives none: {}", Refusals.words(e));
                return known.get().svid();
            }
            throw e;
        }
    }

    private synchronized Optional<Held> get(Key key) {
        var tainted = taintedKeys.get();
        return Optional.ofNullable(held.get(key))
                .filter(known -> tainted.isEmpty() || !tainted.contains(keyId(known.svid())));
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
}
