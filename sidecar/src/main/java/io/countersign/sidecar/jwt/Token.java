// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import com.google.protobuf.ByteString;
import io.countersign.spiffe.json.Json;
import io.countersign.spiffe.json.JsonException;
import io.countersign.spiffe.jwt.JwtAlgorithm;
import io.countersign.spiffe.jwt.JwtSvidException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A token taken apart (RFC 7519), nothing of it verified.
 *
 * @param issuer or empty
 * @param signed what the signature is over
 * @param payload as it stands in the token
 */
record Token(
        JwtAlgorithm algorithm,
        Optional<String> keyId,
        String issuer,
        List<String> audiences,
        Optional<Instant> notBefore,
        Optional<Instant> expires,
        ByteString signed,
        ByteString signature,
        String payload) {
    static Token parse(String text) throws JwtRefusal {
        var parts = text.split("\\.", -1);
        if (parts.length != 3 || parts[0].isEmpty() || parts[1].isEmpty() || parts[2].isEmpty()) {
            throw new JwtRefusal(JwtStatus.BAD_FORMAT);
        }
        var header = members(parts[0], JwtStatus.HEADER_BAD_BASE64, JwtStatus.HEADER_BAD_JSON);
        var algorithm = algorithm(header);
        var keyId = text(header, "kid", JwtStatus.BAD_KID);
        var claims = members(parts[1], JwtStatus.PAYLOAD_BAD_BASE64, JwtStatus.PAYLOAD_BAD_JSON);
        var issuer = text(claims, "iss", JwtStatus.BAD_ISS);
        text(claims, "sub", JwtStatus.BAD_SUB);
        date(claims, "iat", JwtStatus.BAD_IAT, JwtStatus.IAT_OUT_OF_RANGE);
        var notBefore = date(claims, "nbf", JwtStatus.BAD_NBF, JwtStatus.NBF_OUT_OF_RANGE);
        var expires = date(claims, "exp", JwtStatus.BAD_EXP, JwtStatus.EXP_OUT_OF_RANGE);
        text(claims, "jti", JwtStatus.BAD_JTI);
        return new Token(
                algorithm,
                keyId,
                issuer.orElse(""),
                audiences(claims),
                notBefore,
                expires,
                ByteString.copyFrom(parts[0] + "." + parts[1], StandardCharsets.US_ASCII),
                ByteString.copyFrom(decode(parts[2], JwtStatus.SIGNATURE_BAD_BASE64)),
                parts[1]);
    }

    boolean isSignedBy(PublicKey key) {
        return algorithm.fits(key) && algorithm.verifies(key, signed.toByteArray(), signature.toByteArray());
    }

    /** @param skew by how much clocks may differ */
    void checkTime(Instant now, Duration skew) throws JwtRefusal {
        if (notBefore.isPresent() && now.plus(skew).isBefore(notBefore.get())) {
            throw new JwtRefusal(JwtStatus.NOT_YET_VALID);
        }
        if (expires.isPresent() && now.minus(skew).isAfter(expires.get())) {
            throw new JwtRefusal(JwtStatus.EXPIRED);
        }
    }

    private static JwtAlgorithm algorithm(Json.Members header) throws JwtRefusal {
        var name = header.text("alg").orElseThrow(() -> new JwtRefusal(JwtStatus.BAD_ALG));
        try {
            return JwtAlgorithm.named(name);
        } catch (JwtSvidException e) {
            throw new JwtRefusal(JwtStatus.UNKNOWN_ALG);
        }
    }

    private static Json.Members members(String part, JwtStatus noBase64, JwtStatus noJson) throws JwtRefusal {
        byte[] decoded = decode(part, noBase64);
        try {
            if (Json.parse(decoded) instanceof Json.Members members) {
                return members;
            }
        } catch (JsonException e) {
            throw new JwtRefusal(noJson);
        }
        throw new JwtRefusal(noJson);
    }

    private static byte[] decode(String part, JwtStatus refusal) throws JwtRefusal {
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw new JwtRefusal(refusal);
        }
    }

    private static Optional<String> text(Json.Members members, String name, JwtStatus refusal) throws JwtRefusal {
        if (members.get(name).isPresent() && members.text(name).isEmpty()) {
            throw new JwtRefusal(refusal);
        }
        return members.text(name);
    }

    private static Optional<Instant> date(Json.Members members, String name, JwtStatus noNumber, JwtStatus outOfRange)
            throws JwtRefusal {
        var value = members.get(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!(value.get() instanceof Json.Numeric(BigDecimal seconds))) {
            throw new JwtRefusal(noNumber);
        }
        if (seconds.signum() < 0 || seconds.compareTo(BigDecimal.valueOf(Instant.MAX.getEpochSecond())) > 0) {
            throw new JwtRefusal(outOfRange);
        }
        return Optional.of(Instant.ofEpochSecond(seconds.longValue()));
    }

    private static List<String> audiences(Json.Members claims) throws JwtRefusal {
        var value = claims.get("aud");
        if (value.isEmpty()) {
            return List.of();
        }
        if (value.get() instanceof Json.Text(String one)) {
            return List.of(one);
        }
        if (value.get() instanceof Json.Elements(List<Json> several)
                && several.stream().allMatch(Json.Text.class::isInstance)) {
            return several.stream().map(each -> ((Json.Text) each).value()).toList();
        }
        throw new JwtRefusal(JwtStatus.BAD_AUD);
    }
}
