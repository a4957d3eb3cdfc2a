// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.ca.jwt.TokenTemplate;
import io.countersign.ca.key.DiskKeyRing;
import io.countersign.ca.key.KeyRing;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.key.MemoryKeyRing;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityJournal;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import io.countersign.datastore.authority.TrustedAuthorities;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.server.TestClock;
import io.countersign.server.TestConfig;
import io.countersign.server.wire.Trusted;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lives of authorities that last a day, on a clock that is moved by hand. */
class AuthoritiesTest {
    private static final Duration HALF = Duration.ofHours(12);
    private static final Duration FIVE_SIXTHS = Duration.ofHours(20);

    @TempDir
    Path folder;

    private final TestClock clock = new TestClock();
    private Database database;
    private AuthorityJournal journal;

    @BeforeEach
    void open() throws IOException {
        database = Database.open(TestConfig.of(folder).datastore().database());
        journal = new AuthorityJournal(database, "one");
    }

    @AfterEach
    void close() {
        database.close();
    }

    private Authorities started(KeyRing keys) throws IOException {
        return new Authorities(
                TestConfig.of(folder), keys, journal, new TrustedAuthorities(database), Optional.empty(), clock);
    }

    private Authorities started() throws IOException {
        return started(DiskKeyRing.open(folder.resolve("keys.json")));
    }

    private List<AuthorityRecord> own(Kind kind) {
        return journal.records().stream()
                .filter(record -> record.kind() == kind)
                .toList();
    }

    private List<State> states(Kind kind) {
        return own(kind).stream().map(AuthorityRecord::state).toList();
    }

    private static String active(Authorities authorities, Kind kind) {
        var current = authorities.current();
        return switch (kind) {
            case X509 -> current.x509().active().authorityId();
            case JWT -> current.jwt().orElseThrow().active().authorityId();
        };
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessorIsInTheBundleLongBeforeItSigns(Kind kind) throws Exception {
        var authorities = started();
        var first = active(authorities, kind);
        assertEquals(List.of(State.ACTIVE), states(kind));
        long sequence = authorities.current().published().sequenceNumber();

        clock.advance(HALF.minusMinutes(1));
        authorities.rotate();
        assertEquals(List.of(State.ACTIVE), states(kind));
        assertEquals(sequence, authorities.current().published().sequenceNumber());

        clock.advance(Duration.ofMinutes(1));
        authorities.rotate();
        assertEquals(List.of(State.ACTIVE, State.PREPARED), states(kind));
        assertEquals(first, active(authorities, kind));
        // one for each kind
        assertEquals(sequence + 2, authorities.current().published().sequenceNumber());

        clock.advance(FIVE_SIXTHS.minus(HALF));
        authorities.rotate();
        assertEquals(List.of(State.OLD, State.ACTIVE), states(kind));
        assertEquals(own(kind).getLast().authorityId(), active(authorities, kind));
        assertNotEquals(first, active(authorities, kind));
        assertEquals(sequence + 2, authorities.current().published().sequenceNumber());
    }

    @Test
    void whatWasSignedBeforeAndAfterARotationIsValid() throws Exception {
        var authorities = started();
        var before = signed(authorities);
        clock.advance(HALF);
        authorities.rotate();
        clock.advance(FIVE_SIXTHS.minus(HALF));
        authorities.rotate();
        var after = signed(authorities);

        var trust = authorities.current().trust();
        assertEquals(2, trust.x509Authorities().size());
        for (var leaf : List.of(before, after)) {
            assertEquals(TestConfig.id("/w"), X509SvidValidator.verify(List.of(leaf), trust, clock.instant()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theKeyOfATokenIsInTheBundleThatWasReadBeforeTheKeySigned(boolean byOperator) throws Exception {
        var authorities = started();
        var first = keyId(token(authorities));
        clock.advance(HALF);
        if (byOperator) {
            var _ = authorities.prepare(Kind.JWT);
        } else {
            authorities.rotate();
        }
        var readBefore = published(authorities);
        assertEquals(first, keyId(token(authorities)));

        if (byOperator) {
            var _ = authorities.activate(Kind.JWT, own(Kind.JWT).getLast().authorityId());
        } else {
            clock.advance(FIVE_SIXTHS.minus(HALF));
            authorities.rotate();
        }

        var next = keyId(token(authorities));
        assertNotEquals(first, next);
        assertEquals(Set.of(first, next), readBefore);
    }

    private static Set<String> published(Authorities authorities) {
        return authorities.current().published().authorities().stream()
                .filter(authority -> authority.kind() == Kind.JWT)
                .map(TrustedAuthority::authorityId)
                .collect(Collectors.toSet());
    }

    private String token(Authorities authorities) {
        var template =
                new TokenTemplate(TestConfig.id("/w"), List.of("x"), Duration.ofMinutes(5), Optional.empty(), true);
        return authorities.current().jwtIssuer().orElseThrow().issue(template, clock.instant());
    }

    private static String keyId(String token) {
        var header = new String(Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.'))), UTF_8);
        return JsonParser.parseString(header).getAsJsonObject().get("kid").getAsString();
    }

    private X509Certificate signed(Authorities authorities) {
        var key = KeyType.EC_P256.generate().getPublic();
        return authorities
                .current()
                .x509Issuer()
                .issue(SvidTemplate.of(TestConfig.id("/w"), key, Duration.ofHours(23)), clock.instant());
    }

    @Test
    void anOldAuthorityLeavesTheBundleADayAfterItsEnd() throws Exception {
        var authorities = started();
        var first = active(authorities, Kind.X509);
        for (var step : List.of(HALF, FIVE_SIXTHS.minus(HALF), Duration.ofHours(28))) {
            clock.advance(step);
            authorities.rotate();
        }
        assertEquals(first, own(Kind.X509).getFirst().authorityId());
        long sequence = authorities.current().published().sequenceNumber();

        clock.advance(Duration.ofSeconds(1));
        authorities.rotate();

        assertFalse(own(Kind.X509).stream().anyMatch(one -> one.authorityId().equals(first)));
        assertTrue(authorities.current().published().sequenceNumber() > sequence);
    }

    @ParameterizedTest
    @EnumSource
    void aRestartFindsTheSameAuthorities(Kind kind) throws Exception {
        var before = started();
        clock.advance(HALF);
        before.rotate();

        var after = started();

        assertEquals(active(before, kind), active(after, kind));
        assertEquals(before.current().published(), after.current().published());
        clock.advance(FIVE_SIXTHS.minus(HALF));
        after.rotate();
        assertEquals(own(kind).getLast().authorityId(), active(after, kind));
        assertEquals(2, own(kind).size());
    }

    @ParameterizedTest
    @EnumSource
    void withoutItsKeyAServerBeginsAnewAndVouchesForWhatItSigned(Kind kind) throws Exception {
        var lost = active(started(), kind);
        Files.delete(folder.resolve("keys.json"));

        var after = started();

        assertNotEquals(lost, active(after, kind));
        assertEquals(List.of(State.OLD, State.ACTIVE), states(kind));
        assertEquals(lost, own(kind).getFirst().authorityId());
    }

    @Test
    void keysInMemoryEndWithTheServer() throws Exception {
        var before = started(new MemoryKeyRing());
        var leaf = signed(before);

        var after = started(new MemoryKeyRing());

        assertNotEquals(active(before, Kind.X509), active(after, Kind.X509));
        assertEquals(List.of(State.OLD, State.ACTIVE), states(Kind.X509));
        assertEquals(
                TestConfig.id("/w"),
                X509SvidValidator.verify(List.of(leaf), after.current().trust(), clock.instant()));
        assertFalse(Files.exists(folder.resolve("keys.json")));
    }

    @ParameterizedTest
    @EnumSource
    void aCrashBetweenPreparationAndActivationLosesNothing(Kind kind) throws Exception {
        var before = started();
        clock.advance(HALF);
        before.rotate();
        var prepared = own(kind).getLast().authorityId();

        // down over the time at which it would have signed
        clock.advance(FIVE_SIXTHS.minus(HALF));
        var after = started();

        assertEquals(prepared, active(after, kind));
        assertEquals(List.of(State.OLD, State.ACTIVE), states(kind));
    }

    @ParameterizedTest
    @EnumSource
    void aCrashAfterTheKeyAndBeforeTheBundleIsMadeGood(Kind kind) throws Exception {
        var first = active(started(), kind);
        clock.advance(HALF);
        // the key of the successor is there, but nothing else
        var keys = DiskKeyRing.open(folder.resolve("keys.json"));
        var _ = keys.generate(kind == Kind.X509 ? "x509-CA-B" : "JWT-Signer-B", KeyType.EC_P256);

        var after = started();

        assertEquals(first, active(after, kind));
        assertEquals(List.of(State.ACTIVE, State.PREPARED), states(kind));
        clock.advance(FIVE_SIXTHS.minus(HALF));
        after.rotate();
        assertEquals(own(kind).getLast().authorityId(), active(after, kind));
        assertEquals(TestConfig.id("/w"), id(after));
    }

    @Test
    void aCrashAfterTheBundleAndBeforeTheJournalLeavesACertificateMoreAndNothingElse() throws Exception {
        var first = active(started(), Kind.X509);
        clock.advance(HALF);
        var keys = DiskKeyRing.open(folder.resolve("keys.json")).generate("x509-CA-B", KeyType.EC_P256);
        var lost = X509Authority.selfSigned(TestConfig.DOMAIN, CaSubject.STANDARD, keys, clock.instant(), HALF);
        new TrustedAuthorities(database).add(Trusted.root(lost.certificate(), false));

        var after = started();

        assertEquals(first, active(after, Kind.X509));
        assertEquals(List.of(State.ACTIVE, State.PREPARED), states(Kind.X509));
        assertEquals(3, after.current().trust().x509Authorities().size());
        clock.advance(FIVE_SIXTHS.minus(HALF));
        after.rotate();
        assertNotEquals(lost.authorityId(), active(after, Kind.X509));
        assertEquals(TestConfig.id("/w"), id(after));
    }

    private SpiffeId id(Authorities authorities) {
        return X509SvidValidator.verify(
                List.of(signed(authorities)), authorities.current().trust(), clock.instant());
    }

    @Test
    void aServerThatSleptOverItsEndBeginsAnew() throws Exception {
        var before = active(started(), Kind.X509);
        clock.advance(Duration.ofHours(25));

        var after = started();

        assertNotEquals(before, active(after, Kind.X509));
        assertEquals(TestConfig.id("/w"), id(after));
        assertEquals(List.of(State.OLD, State.ACTIVE), states(Kind.X509));
    }

    /** A disk that is full at the wrong moment. */
    private static final class FullDisk implements KeyRing {
        private final KeyRing good = new MemoryKeyRing();
        private boolean full;

        @Override
        public KeyPair generate(String id, KeyType type) throws IOException {
            if (full) {
                throw new IOException("no space left");
            }
            return good.generate(id, type);
        }

        @Override
        public Optional<KeyPair> find(String id) {
            return good.find(id);
        }
    }

    @Test
    void aKeyThatCannotBeKeptIsTriedAgain() throws Exception {
        var disk = new FullDisk();
        var authorities = started(disk);
        clock.advance(HALF);

        disk.full = true;
        assertThrows(IOException.class, authorities::rotate);
        assertEquals(List.of(State.ACTIVE), states(Kind.X509));

        disk.full = false;
        authorities.rotate();
        assertEquals(
                List.of(State.PREPARED, State.PREPARED),
                Stream.of(Kind.values()).map(kind -> states(kind).getLast()).toList());
    }
}
