// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A key that JWT-SVIDs are signed with.
 *
 * @param keyId the {@code kid} that tokens name it by, not empty (JWT-SVID section 2.2)
 * @param publicKey EC on P-256, P-384 or P-521, or RSA
 */
public record JwtAuthority(String keyId, PublicKey publicKey) {
    /** @throws InvalidBundleException if the id is empty or the key of another type */
    public JwtAuthority {
        if (keyId.isEmpty()) {
            throw new InvalidBundleException("a jwt authority has an empty key id");
        }
        if (!(publicKey instanceof ECPublicKey || publicKey instanceof RSAPublicKey)) {
            throw new InvalidBundleException("jwt authority \"" + keyId + "\" is of type " + publicKey.getAlgorithm()
                    + "; expected an ec or rsa key");
        }
    }

    /**
     * Of a key as SPIRE's API and certificates write it.
     *
     * @param pkix a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER
     * @throws InvalidBundleException if it is neither an EC nor an RSA key
     */
    public static JwtAuthority parse(String keyId, byte[] pkix) {
        var spec = new X509EncodedKeySpec(pkix);
        return publicKey("EC", spec)
                .or(() -> publicKey("RSA", spec))
                .map(key -> new JwtAuthority(keyId, key))
                .orElseThrow(
                        () -> new InvalidBundleException("jwt key \"" + keyId + "\" is neither an ec nor an rsa key"));
    }

    /** This key as the members of a JWK in the order of RFC 7517: {@code kty}, {@code kid}, then what the type needs. */
    public Map<String, String> jwk() {
        Map<String, String> key = Jwk.members(publicKey);
        Map<String, String> members = new LinkedHashMap<>();
        members.put("kty", key.getOrDefault("kty", ""));
        members.put("kid", keyId);
        members.putAll(key);
        return Collections.unmodifiableMap(members);
    }

    private static Optional<PublicKey> publicKey(String algorithm, X509EncodedKeySpec spec) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePublic(spec));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
