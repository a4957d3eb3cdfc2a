// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.jwt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.jwt.JwtSvidException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JwtIssuerTest {
    private static final TrustDomain DOMAIN = new TrustDomain("example.org");
    private static final SpiffeId ID = SpiffeId.parse("spiffe://example.org/ns/demo/sa/frontend");
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final JwtKey key = JwtKey.of(KeyType.EC_P256.generate(), now, Duration.ofHours(1));

    private static TokenTemplate template(Duration ttl, boolean unique) {
        return new TokenTemplate(ID, List.of("orders"), ttl, Optional.empty(), unique);
    }

    private static TrustBundle bundle(JwtKey key) {
        return TrustBundle.ofJwt(DOMAIN, List.of(key.authority()));
    }

    private static String payload(String token) {
        var start = token.indexOf('.') + 1;
        var encoded = token.substring(start, token.indexOf('.', start));
        return new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(KeyType.class)
    void whatAnyTypeOfKeySignsIsAnSvid(KeyType type) {
        var own = JwtKey.of(type.generate(), now, Duration.ofHours(1));

        var token = new JwtIssuer(own).issue(template(FIVE_MINUTES, false), now);
        var svid = JwtSvid.parseAndValidate(token, bundle(own), Set.of("orders"), now);

        assertEquals(ID, svid.id());
        assertEquals(now.plus(FIVE_MINUTES), svid.expiresAt());
    }

    @Test
    void anotherKeyDoesNotVouchForIt() {
        var other = JwtKey.of(KeyType.EC_P256.generate(), now, Duration.ofHours(1));
        var token = new JwtIssuer(key).issue(template(FIVE_MINUTES, false), now);

        assertThrows(
                JwtSvidException.class, () -> JwtSvid.parseAndValidate(token, bundle(other), Set.of("orders"), now));
    }

    @Test
    void oneAudienceIsAnArrayAsWell() {
        var token = new JwtIssuer(key).issue(template(FIVE_MINUTES, false), now);

        assertTrue(payload(token).contains("\"aud\":[\"orders\"]"), () -> payload(token));
        assertFalse(payload(token).contains("nbf"), () -> payload(token));
        assertFalse(payload(token).contains("jti"), () -> payload(token));
    }

    @Test
    void uniqueTokensDiffer() {
        var issuer = new JwtIssuer(key);

        var first = payload(issuer.issue(template(FIVE_MINUTES, true), now));
        var second = payload(issuer.issue(template(FIVE_MINUTES, true), now));

        assertTrue(first.contains("\"jti\""), first);
        assertNotEquals(first, second);
    }

    @Test
    void itNeverOutlivesItsKey() {
        var token = new JwtIssuer(key).issue(template(Duration.ofDays(1), false), now);

        assertEquals(key.notAfter(), JwtSvid.parseInsecure(token).expiresAt());
    }

    @Test
    void anEndedKeySignsNothing() {
        var issuer = new JwtIssuer(key);

        assertThrows(IllegalArgumentException.class, () -> issuer.issue(template(FIVE_MINUTES, false), key.notAfter()));
    }
}
