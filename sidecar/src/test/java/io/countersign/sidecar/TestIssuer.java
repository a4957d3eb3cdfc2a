// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import io.countersign.spiffe.bundle.JwtAuthority;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.stream.Collectors;

/** Signs tokens with a key of its own. */
final class TestIssuer {
    final String keyId;
    private final KeyPair keys;

    TestIssuer(String keyId) {
        this.keyId = keyId;
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            keys = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    JwtAuthority authority() {
        return new JwtAuthority(keyId, keys.getPublic());
    }

    String jwks() {
        return "{\"keys\":[{"
                + authority().jwk().entrySet().stream()
                        .map(member -> "\"" + member.getKey() + "\":\"" + member.getValue() + "\"")
                        .collect(Collectors.joining(","))
                + "}]}";
    }

    /** @param claims with single quotes in the place of double ones */
    String token(String claims) {
        return signed("{'alg':'ES256','kid':'" + keyId + "'}", claims);
    }

    String signed(String header, String claims) {
        var text = encoded(header.replace('\'', '"')) + "." + encoded(claims.replace('\'', '"'));
        try {
            var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(keys.getPrivate());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
