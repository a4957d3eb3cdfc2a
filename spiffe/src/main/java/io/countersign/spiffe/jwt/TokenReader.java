// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.jwt;

import io.countersign.spiffe.InvalidSpiffeIdException;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.json.Json;
import io.countersign.spiffe.json.JsonException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** A token taken apart, its form checked. */
final class TokenReader {
    private static final Duration LEEWAY = Duration.ofSeconds(30);
    private static final int MAX_LENGTH = 64 << 10;
    /** Any other header parameter must not be there: JWT-SVID section 2. */
    private static final Set<String> HEADER = Set.of("alg", "kid", "typ");

    private static final Set<String> TYPES = Set.of("JWT", "JOSE");
    private static final Pattern BASE64URL = Pattern.compile("[A-Za-z0-9_-]+");
    /** 9999-12-31T23:59:59Z, the last second that dates of four digits can say. */
    private static final BigDecimal LAST_SECOND = BigDecimal.valueOf(253_402_300_799L);

    private final JwtAlgorithm algorithm;
    private final Optional<String> keyId;
    private final Json.Members claims;
    private final JwtSvid svid;
    private final byte[] signed;
    private final byte[] signature;

    private TokenReader(String token, String[] parts) {
        Json.Members header = members("header", parts[0]);
        checkHeader(header);
        algorithm = JwtAlgorithm.named(requiredText(header, "alg"));
        keyId = header.text("kid");
        claims = members("claims", parts[1]);
        svid = new JwtSvid(subject(claims), audience(claims), expiry(claims), javaClaims(claims), token);
        signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
        signature = decode("signature", parts[2]);
    }

    static TokenReader read(String token) {
        if (token.length() > MAX_LENGTH) {
            throw new JwtSvidException("the token is longer than " + MAX_LENGTH + " characters");
        }
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            throw new JwtSvidException("the token has " + parts.length + " parts; expected three (jws compact form)");
        }
        return new TokenReader(token, parts);
    }

    /** What the token says, unverified. */
    JwtSvid svid() {
        return svid;
    }

    JwtSvid validate(BundleSource bundles, Set<String> audiences, Instant now) {
        TrustBundle bundle = bundles.bundle(svid.id().trustDomain())
                .orElseThrow(() -> new JwtSvidException(
                        "no bundle of trust domain \"" + svid.id().trustDomain() + "\" to verify the token with"));
        if (candidates(bundle).stream().noneMatch(key -> algorithm.verifies(key.publicKey(), signed, signature))) {
            throw new JwtSvidException("the signature is not valid");
        }
        if (!now.isBefore(svid.expiresAt().plus(LEEWAY))) {
            throw new JwtSvidException("the token has expired at " + svid.expiresAt());
        }
        notBefore().filter(from -> now.isBefore(from.minus(LEEWAY))).ifPresent(from -> {
            throw new JwtSvidException("the token is not valid before " + from);
        });
        if (Collections.disjoint(svid.audience(), audiences)) {
            throw new JwtSvidException(
                    "the token is for audience " + svid.audience() + "; expected one of " + audiences);
        }
        return svid;
    }

    /** The key that the token names, or without a name all that fit. */
    private List<JwtAuthority> candidates(TrustBundle bundle) {
        List<JwtAuthority> named = keyId.map(name -> bundle.jwtAuthorities().stream()
                        .filter(authority -> authority.keyId().equals(name))
                        .toList())
                .orElse(bundle.jwtAuthorities());
        if (named.isEmpty()) {
            throw new JwtSvidException("the bundle of trust domain \"" + bundle.trustDomain() + "\" has no key "
                    + keyId.map(name -> "\"" + name + "\"").orElse("for jwt-svids"));
        }
        List<JwtAuthority> fitting = named.stream()
                .filter(authority -> algorithm.fits(authority.publicKey()))
                .toList();
        if (fitting.isEmpty()) {
            throw new JwtSvidException("alg " + algorithm + " does not fit the key");
        }
        return fitting;
    }

    private static void checkHeader(Json.Members header) {
        for (String name : header.members().keySet()) {
            if (!HEADER.contains(name)) {
                throw new JwtSvidException("header parameter \"" + name + "\" must not be in a jwt-svid");
            }
        }
        if (header.get("typ").isPresent()
                && header.text("typ").filter(TYPES::contains).isEmpty()) {
            throw new JwtSvidException("header parameter \"typ\" is neither \"JWT\" nor \"JOSE\"");
        }
        if (header.get("kid").isPresent() && header.text("kid").isEmpty()) {
            throw new JwtSvidException("header parameter \"kid\" is no string");
        }
    }

    private static SpiffeId subject(Json.Members claims) {
        try {
            return SpiffeId.parse(requiredText(claims, "sub"));
        } catch (InvalidSpiffeIdException e) {
            throw new JwtSvidException("claim \"sub\" is no spiffe id: " + e.getMessage(), e);
        }
    }

    private static List<String> audience(Json.Members claims) {
        List<Json> elements = switch (claims.get("aud").orElse(new Json.Nothing())) {
            case Json.Elements(List<Json> several) -> several;
            case Json.Text one -> List.of(one);
            case Json ignored -> throw new JwtSvidException("claim \"aud\" is missing or no list of strings");
        };
        return elements.stream()
                .map(element -> {
                    if (element instanceof Json.Text(String value) && !value.isEmpty()) {
                        return value;
                    }
                    throw new JwtSvidException("claim \"aud\" holds something that is no audience");
                })
                .toList();
    }

    private static Instant expiry(Json.Members claims) {
        Instant expiry = date(claims, "exp").orElseThrow(() -> new JwtSvidException("claim \"exp\" is missing"));
        if (!expiry.isAfter(Instant.EPOCH)) {
            throw new JwtSvidException("claim \"exp\" is not after 1970");
        }
        return expiry;
    }

    private Optional<Instant> notBefore() {
        return date(claims, "nbf");
    }

    /** A NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction. */
    private static Optional<Instant> date(Json.Members claims, String name) {
        return claims.get(name).map(value -> {
            if (!(value instanceof Json.Numeric(BigDecimal seconds))
                    || seconds.abs().compareTo(LAST_SECOND) > 0) {
                throw new JwtSvidException("claim \"" + name + "\" is no date in seconds");
            }
            return Instant.ofEpochSecond(seconds.setScale(0, RoundingMode.FLOOR).longValueExact());
        });
    }

    @SuppressWarnings("unchecked") // members become a map of strings to objects
    private static Map<String, Object> javaClaims(Json.Members claims) {
        return (Map<String, Object>) claims.toJava();
    }

    private static String requiredText(Json.Members members, String name) {
        return members.text(name)
                .orElseThrow(() -> new JwtSvidException("member \"" + name + "\" is missing or no string"));
    }

    private static Json.Members members(String what, String part) {
        try {
            if (Json.parse(decode(what, part)) instanceof Json.Members members) {
                return members;
            }
        } catch (JsonException e) {
            throw new JwtSvidException("the token's " + what + " cannot be read", e);
        }
        throw new JwtSvidException("the token's " + what + " are no json object");
    }

    private static byte[] decode(String what, String part) {
        if (!BASE64URL.matcher(part).matches()) {
            throw new JwtSvidException("the token's " + what + " is not base64url without padding");
        }
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw new JwtSvidException("the token's " + what + " is not base64url", e);
        }
    }
}
