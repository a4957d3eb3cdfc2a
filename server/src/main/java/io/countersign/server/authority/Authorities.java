// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.jwt.JwtIssuer;
import io.countersign.ca.jwt.JwtKey;
import io.countersign.ca.key.KeyRing;
import io.countersign.ca.rotation.Succession;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.datastore.authority.AuthorityJournal;
import io.countersign.datastore.authority.AuthorityJournal.Published;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.server.config.ServerConfig;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** What signs right now and what the bundle says, as one snapshot that a rotation replaces. Thread-safe. */
public final class Authorities {
    /** Longer than any clock may be off; the originals keep an authority as long after its end. */
    private static final Duration KEPT_AFTER_END = Duration.ofHours(24);

    private final AuthorityJournal journal;
    private final Rotation<X509Authority> x509;
    private final Rotation<JwtKey> jwt;
    private final ServerConfig config;
    private final InstantSource clock;
    private final AtomicReference<Current> current;

    /**
     * One moment's truth.
     *
     * @param jwt nothing where tokens are disabled
     * @param published the bundle
     * @param trust the part of the bundle that verifies certificates
     */
    public record Current(
            Succession<X509Authority> x509,
            Optional<Succession<JwtKey>> jwt,
            X509Issuer x509Issuer,
            Optional<JwtIssuer> jwtIssuer,
            Published published,
            TrustBundle trust) {}

    /**
     * Finds what an earlier process left or begins anew.
     *
     * @throws IOException if keys cannot be kept
     */
    public Authorities(ServerConfig config, KeyRing keys, AuthorityJournal journal, InstantSource clock)
            throws IOException {
        this.config = config;
        this.journal = journal;
        this.clock = clock;
        var signing = config.signing();
        var life = config.lives().authority();
        x509 = new Rotation<>(
                new X509Craft(config.trustDomain(), signing.subject(), signing.x509KeyType(), life), keys, journal);
        jwt = new Rotation<>(new JwtCraft(signing.jwtKeyType(), life), keys, journal);
        var now = clock.instant();
        current = new AtomicReference<>(snapshot(
                x509.advance(x509.open(now), now),
                signing.jwtDisabled() ? Optional.empty() : Optional.of(jwt.advance(jwt.open(now), now))));
    }

    public Current current() {
        return current.get();
    }

    /**
     * Takes the steps that are due and takes out of the bundle what has ended long ago. Called again and again.
     *
     * @throws IOException if a new key cannot be kept; the authorities then stay as they are
     */
    public synchronized void rotate() throws IOException {
        var now = clock.instant();
        var old = current.get();
        var nextX509 = x509.advance(old.x509(), now);
        Optional<Succession<JwtKey>> nextJwt = old.jwt().isEmpty()
                ? Optional.empty()
                : Optional.of(jwt.advance(old.jwt().get(), now));
        boolean pruned = journal.prune(now.minus(KEPT_AFTER_END));
        if (pruned || !nextX509.equals(old.x509()) || !nextJwt.equals(old.jwt())) {
            current.set(snapshot(nextX509, nextJwt));
        }
    }

    /**
     * Puts authorities into the bundle that sign elsewhere.
     *
     * @return one that has the id of another one, in which case nothing is changed
     */
    public synchronized Optional<AuthorityRecord> append(List<AuthorityRecord> appended) {
        var conflict = journal.append(appended);
        var old = current.get();
        current.set(snapshot(old.x509(), old.jwt()));
        return conflict;
    }

    private Current snapshot(Succession<X509Authority> x509Now, Optional<Succession<JwtKey>> jwtNow) {
        var published = journal.published();
        var certificates = published.authorities().stream()
                .filter(record -> record.kind() == Kind.X509)
                .flatMap(record -> Der.parseCertificates(Base64.getDecoder().decode(record.material())).stream())
                .toList();
        return new Current(
                x509Now,
                jwtNow,
                new X509Issuer(x509Now.active()),
                jwtNow.map(succession -> new JwtIssuer(succession.active())),
                published,
                TrustBundle.ofX509(config.trustDomain(), certificates));
    }
}
