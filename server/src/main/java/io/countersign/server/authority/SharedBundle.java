// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.TrustedAuthorities;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.server.upstream.UpstreamAuthority;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bundle of this server and the one above it. What is new above comes in at once; what is tainted here and gone above
 * goes; what becomes tainted above waits until nothing is signed below it any more. Not thread-safe.
 */
final class SharedBundle {
    private static final Logger log = LoggerFactory.getLogger(SharedBundle.class);

    private final TrustedAuthorities trusted;
    private final Optional<UpstreamAuthority> upstream;
    private final AtomicBoolean saidOnce = new AtomicBoolean();

    SharedBundle(TrustedAuthorities trusted, Optional<UpstreamAuthority> upstream) {
        this.trusted = trusted;
        this.upstream = upstream;
    }

    /** Adds what is not there yet. */
    void add(List<TrustedAuthority> authorities) {
        for (var authority : authorities) {
            try {
                trusted.add(authority);
            } catch (IllegalArgumentException e) {
                // one such key must not keep the others out
                log.atError().addKeyValue("reason", e.getMessage()).log("an authority is left out of the bundle");
            }
        }
    }

    /**
     * Makes a key that signs tokens known here, and above where that is possible.
     *
     * @throws IOException if the server above cannot be asked or refuses
     * @throws IllegalArgumentException if its key id is that of another key
     */
    void publish(TrustedAuthority key) throws IOException {
        var above = upstream.isPresent() ? upstream.get().publish(key) : Optional.<List<TrustedAuthority>>empty();
        if (above.isPresent()) {
            add(above.get());
        } else if (upstream.isPresent() && saidOnce.compareAndSet(false, true)) {
            log.warn(
                    "the upstream authority takes no keys that sign tokens: only this server's own bundle verifies them");
        }
        var _ = trusted.add(key);
    }

    /**
     * Takes over what is above.
     *
     * @param above everything of the kinds that it holds
     * @return what is tainted there and not yet here
     */
    List<TrustedAuthority> merge(List<TrustedAuthority> above) {
        var held = byId(trusted.published().authorities());
        var theirs = byId(above);
        var newlyTainted = above.stream()
                .filter(TrustedAuthority::tainted)
                .filter(authority -> Optional.ofNullable(held.get(id(authority)))
                        .filter(here -> !here.tainted())
                        .isPresent())
                .toList();
        add(above.stream()
                .filter(authority -> !newlyTainted.contains(authority))
                .toList());
        var kinds = above.stream().map(TrustedAuthority::kind).collect(Collectors.toSet());
        held.values().stream()
                .filter(TrustedAuthority::tainted)
                .filter(authority -> kinds.contains(authority.kind()) && !theirs.containsKey(id(authority)))
                .forEach(this::revoke);
        return newlyTainted;
    }

    void taint(TrustedAuthority authority) {
        say("tainted", authority, trusted.taint(authority.kind(), authority.authorityId()));
    }

    private void revoke(TrustedAuthority authority) {
        say("revoked", authority, trusted.revoke(authority.kind(), authority.authorityId()));
    }

    private static void say(String what, TrustedAuthority authority, Enum<?> outcome) {
        log.atInfo()
                .addKeyValue("authority_id", authority.authorityId())
                .addKeyValue("outcome", outcome)
                .log("an authority is {} upstream, and so here", what);
    }

    /** Two certificates of one key count as one, as they do where they are tainted. */
    private record Id(Kind kind, String authorityId) {}

    private static Id id(TrustedAuthority authority) {
        return new Id(authority.kind(), authority.authorityId());
    }

    private static Map<Id, TrustedAuthority> byId(List<TrustedAuthority> authorities) {
        return authorities.stream().collect(Collectors.toMap(SharedBundle::id, Function.identity(), (a, b) -> a));
    }
}
