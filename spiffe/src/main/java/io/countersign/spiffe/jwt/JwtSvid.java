// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.jwt;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.BundleSource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A bearer token with a SPIFFE ID: JWT-SVID sections 2 to 4.
 *
 * @param id the subject
 * @param audience whom the token is meant for, at least one
 * @param expiresAt when it ends
 * @param claims all claims, numbers as {@code Long}, {@code Double} or {@code BigDecimal}
 * @param token the compact serialization; a secret until it expires
 */
public record JwtSvid(SpiffeId id, List<String> audience, Instant expiresAt, Map<String, Object> claims, String token) {

    /** @throws JwtSvidException if there is no audience */
    public JwtSvid {
        audience = List.copyOf(audience);
        claims = Map.copyOf(claims);
        if (audience.isEmpty()) {
            throw new JwtSvidException("claim \"aud\" is empty; expected at least one audience");
        }
    }

    /**
     * Reads a token and validates it in full. Times get a leeway of 30 seconds.
     *
     * @param bundles asked once, for the trust domain of the token's subject
     * @param audiences whom the validator answers for; one of them must be in the token
     * @throws JwtSvidException if any rule is broken
     */
    public static JwtSvid parseAndValidate(String token, BundleSource bundles, Set<String> audiences, Instant now) {
        return TokenReader.read(token).validate(bundles, audiences, now);
    }

    /**
     * Reads a token without checking signature, audience or time: for the program that just got it as its own.
     *
     * @throws JwtSvidException if it has not the form of a JWT-SVID
     */
    public static JwtSvid parseInsecure(String token) {
        return TokenReader.read(token).svid();
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "JwtSvid[id=%s, audience=%s, expiresAt=%s]".formatted(id, audience, expiresAt);
    }
}
