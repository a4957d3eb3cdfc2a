// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.jwt.JwtIssuer;
import io.countersign.ca.jwt.JwtKey;
import io.countersign.ca.key.KeyRing;
import io.countersign.ca.rotation.Succession;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.datastore.authority.AuthorityJournal;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import io.countersign.datastore.authority.TrustedAuthorities;
import io.countersign.datastore.authority.TrustedAuthorities.Published;
import io.countersign.datastore.authority.TrustedAuthorities.Revocation;
import io.countersign.datastore.authority.TrustedAuthorities.Tainting;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.upstream.UpstreamAuthority;
import io.countersign.server.wire.Trusted;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What signs right now and what the bundle says, as one snapshot that every change replaces. Changes wait for each other,
 * and for the authority above where there is one; readers wait for nothing. Thread-safe.
 */
public final class Authorities {
    /** Longer than any clock may be off; the originals keep an authority as long after its end. */
    private static final Duration KEPT_AFTER_END = Duration.ofHours(24);

    private final TrustDomain trustDomain;
    private final AuthorityJournal journal;
    private final TrustedAuthorities trusted;
    private final Optional<UpstreamAuthority> upstream;
    private final SharedBundle bundle;
    private final Rotation<X509Authority> x509;
    private final Optional<Rotation<JwtKey>> jwt;
    private final InstantSource clock;
    private final AtomicReference<Current> current;

    /**
     * One moment's truth.
     *
     * @param jwt nothing where tokens are disabled
     * @param own all authorities of this server that are remembered, oldest first
     * @param published the bundle
     * @param trust the part of the bundle that verifies certificates
     */
    public record Current(
            Succession<X509Authority> x509,
            Optional<Succession<JwtKey>> jwt,
            X509Issuer x509Issuer,
            Optional<JwtIssuer> jwtIssuer,
            List<AuthorityRecord> own,
            Published published,
            TrustBundle trust) {
        /** The one that signs. */
        public AuthorityRecord active(Kind kind) {
            return last(kind, State.ACTIVE)
                    .orElseThrow(() -> new IllegalStateException("no authority of kind " + kind + " is active"));
        }

        /** The one that is to sign next, or else the one that signed before. */
        public Optional<AuthorityRecord> beside(Kind kind) {
            return last(kind, State.PREPARED).or(() -> last(kind, State.OLD));
        }

        private Optional<AuthorityRecord> last(Kind kind, State state) {
            return own.reversed().stream()
                    .filter(record -> record.kind() == kind && record.state() == state)
                    .findFirst();
        }

        /** Whether it is made of the same: a sequence number may stand for something else once the database has gone back. */
        private boolean saysTheSameAs(Current other) {
            return x509.equals(other.x509)
                    && jwt.equals(other.jwt)
                    && own.equals(other.own)
                    && published.equals(other.published);
        }
    }

    /**
     * Finds what an earlier process left or begins anew.
     *
     * @throws IOException if keys cannot be kept, or an authority above does not sign
     */
    public Authorities(
            ServerConfig config,
            KeyRing keys,
            AuthorityJournal journal,
            TrustedAuthorities trusted,
            Optional<UpstreamAuthority> upstream,
            InstantSource clock)
            throws IOException {
        this.trustDomain = config.trustDomain();
        this.journal = journal;
        this.trusted = trusted;
        this.upstream = upstream;
        this.clock = clock;
        bundle = new SharedBundle(trusted, upstream);
        var signing = config.signing();
        var life = config.lives().authority();
        var now = clock.instant();
        x509 = new Rotation<>(
                new X509Craft(trustDomain, signing.subject(), signing.x509KeyType(), life, upstream, bundle),
                keys,
                journal,
                now);
        jwt = signing.jwtDisabled()
                ? Optional.empty()
                : Optional.of(new Rotation<>(new JwtCraft(signing.jwtKeyType(), life, bundle), keys, journal, now));
        current = new AtomicReference<>(snapshot());
    }

    public Current current() {
        return current.get();
    }

    /** Whether another authority vouches for those of this server. */
    public boolean hasUpstream() {
        return upstream.isPresent();
    }

    /**
     * Takes the steps that are due and forgets what has ended long ago. Called again and again.
     *
     * @throws IOException if a new key cannot be kept or is not signed above; what signs then goes on
     */
    public synchronized void rotate() throws IOException {
        var now = clock.instant();
        try {
            x509.advance(now);
        } finally {
            try {
                if (jwt.isPresent()) {
                    jwt.get().advance(now);
                }
            } finally {
                reload();
                forget(now.minus(KEPT_AFTER_END));
            }
        }
    }

    private void forget(Instant endedBefore) {
        boolean forgotten = journal.prune(endedBefore);
        boolean pruned = trusted.prune(endedBefore);
        if (forgotten || pruned) {
            reload();
        }
    }

    /**
     * Makes the authority that is to sign next, in the place of one that was prepared before.
     *
     * @throws IOException if its key cannot be kept or is not signed above; none is prepared then
     */
    public synchronized AuthorityRecord prepare(Kind kind) throws IOException {
        try {
            rotation(kind).prepare(clock.instant());
        } finally {
            reload();
        }
        return current().beside(kind).orElseThrow();
    }

    /** Lets the prepared authority sign from now on; nothing if it is not the one with that id. */
    public synchronized Optional<AuthorityRecord> activate(Kind kind, String authorityId) {
        var rotation = rotation(kind);
        if (rotation.held()
                .prepared()
                .filter(next -> next.authorityId().equals(authorityId))
                .isEmpty()) {
            return Optional.empty();
        }
        rotation.activate();
        reload();
        return Optional.of(current().active(kind));
    }

    private Rotation<?> rotation(Kind kind) {
        return switch (kind) {
            case X509 -> x509;
            case JWT -> jwt.orElseThrow(() -> new IllegalStateException("tokens are disabled, so nothing signs them"));
        };
    }

    public synchronized Tainting taint(Kind kind, String authorityId) {
        var outcome = trusted.taint(kind, authorityId);
        reload();
        return outcome;
    }

    public synchronized Revocation revoke(Kind kind, String authorityId) {
        var outcome = trusted.revoke(kind, authorityId);
        reload();
        return outcome;
    }

    /**
     * Puts authorities into the bundle that sign elsewhere, all of them or none.
     *
     * @throws IllegalArgumentException if the key id of one is that of another key
     */
    public synchronized void append(List<TrustedAuthority> appended) {
        if (trusted.addAll(appended)) {
            reload();
        }
    }

    /**
     * Takes a key of a server below into the bundle, and into the one above.
     *
     * @return all keys that sign tokens
     * @throws IOException if the server above cannot be asked or refuses
     * @throws IllegalArgumentException if its key id is that of another key
     */
    public synchronized List<TrustedAuthority> publish(TrustedAuthority key) throws IOException {
        bundle.publish(key);
        reload();
        return current().published().authorities().stream()
                .filter(authority -> authority.kind() == Kind.JWT)
                .toList();
    }

    /**
     * Takes over what has changed in the bundle above. Where the authority that signs is below a root that is tainted or
     * gone there, another one takes its place before the root is tainted here: whoever sees that and asks for a new
     * certificate gets one that is good.
     *
     * @throws IOException if the authority above cannot be asked or does not sign
     */
    public void follow() throws IOException {
        var above = upstream.isPresent() ? upstream.get().bundle() : Optional.<List<TrustedAuthority>>empty();
        if (above.isPresent()) {
            follow(above.get());
        }
    }

    private synchronized void follow(List<TrustedAuthority> above) throws IOException {
        var newlyTainted = bundle.merge(above);
        try {
            var good = Trusted.certificates(
                    above.stream().filter(authority -> !authority.tainted()).toList());
            if (!x509.held().active().isBelow(good)) {
                signBelow(good);
            }
            newlyTainted.forEach(bundle::taint);
        } finally {
            reload();
        }
    }

    private void signBelow(List<X509Certificate> good) throws IOException {
        if (!isNextBelow(good)) {
            x509.prepare(clock.instant());
        }
        if (!isNextBelow(good)) {
            throw new IOException("the upstream authority still signs below a root that is tainted or gone");
        }
        x509.activate();
        reload();
    }

    private boolean isNextBelow(List<X509Certificate> good) {
        return x509.held().prepared().filter(next -> next.isBelow(good)).isPresent();
    }

    /**
     * Takes over what another server has changed in the bundle that they share, after what the database has lost of this
     * server's own is there again.
     */
    public synchronized void reload() {
        x509.settle();
        jwt.ifPresent(Rotation::settle);
        var next = snapshot();
        if (!next.saysTheSameAs(current())) {
            current.set(next);
        }
    }

    private Current snapshot() {
        var published = trusted.published();
        var tokens = jwt.map(Rotation::held);
        return new Current(
                x509.held(),
                tokens,
                new X509Issuer(x509.held().active()),
                tokens.map(succession -> new JwtIssuer(succession.active())),
                journal.records(),
                published,
                TrustBundle.ofX509(trustDomain, Trusted.certificates(published.authorities())));
    }
}
