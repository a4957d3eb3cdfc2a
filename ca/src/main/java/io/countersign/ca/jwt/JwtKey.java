// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.jwt;

import io.countersign.ca.rotation.Authority;
import io.countersign.spiffe.bundle.JwtAuthority;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;

/**
 * A key that signs JWT-SVIDs.
 *
 * @param keyId the {@code kid}, which is also its authority id
 * @param notAfter no token that it signs is valid longer
 */
public record JwtKey(String keyId, PrivateKey key, PublicKey publicKey, Instant notBefore, Instant notAfter)
        implements Authority {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int KEY_ID_LENGTH = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** With a random id, valid from now for {@code ttl}. */
    public static JwtKey of(KeyPair keys, Instant now, Duration ttl) {
        var id = new StringBuilder(KEY_ID_LENGTH);
        RANDOM.ints(KEY_ID_LENGTH, 0, ALPHABET.length()).forEach(i -> id.append(ALPHABET.charAt(i)));
        return new JwtKey(id.toString(), keys.getPrivate(), keys.getPublic(), now, now.plus(ttl));
    }

    /** The same as the {@code kid}. */
    @Override
    public String authorityId() {
        return keyId;
    }

    /** What the bundle says of it. */
    public JwtAuthority authority() {
        return new JwtAuthority(keyId, publicKey);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "JwtKey[id=%s, notAfter=%s]".formatted(keyId, notAfter);
    }
}
