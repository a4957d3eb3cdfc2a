// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.Optional;

/** The types of key that an authority may have, by the names of server.conf ({@code ca_key_type}, {@code jwt_key_type}). */
public enum KeyType {
    RSA_2048("rsa-2048", "RSA", "SHA256withRSA"),
    RSA_4096("rsa-4096", "RSA", "SHA256withRSA"),
    EC_P256("ec-p256", "EC", "SHA256withECDSA"),
    EC_P384("ec-p384", "EC", "SHA384withECDSA");

    private static final int P384_BITS = 384;

    private final String word;
    private final String algorithm;
    private final String signatureAlgorithm;

    KeyType(String word, String algorithm, String signatureAlgorithm) {
        this.word = word;
        this.algorithm = algorithm;
        this.signatureAlgorithm = signatureAlgorithm;
    }

    /** Whatever the case. */
    public static Optional<KeyType> named(String word) {
        return Arrays.stream(values())
                .filter(type -> type.word.equalsIgnoreCase(word))
                .findAny();
    }

    /** What a certificate or a request is signed with by a key of this kind, as the JCA names it. */
    public static String signatureAlgorithm(PublicKey key) {
        return switch (key) {
            case RSAPublicKey _ -> RSA_2048.signatureAlgorithm;
            case ECPublicKey ec ->
                ec.getParams().getCurve().getField().getFieldSize() >= P384_BITS
                        ? EC_P384.signatureAlgorithm
                        : EC_P256.signatureAlgorithm;
            default ->
                throw new IllegalArgumentException("a key of type " + key.getAlgorithm() + ", expected rsa or ec");
        };
    }

    public KeyPair generate() {
        try {
            return generate(KeyPairGenerator.getInstance(algorithm));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java makes no " + word + " keys", e);
        }
    }

    /** One that this provider makes and keeps. */
    KeyPair generate(Provider provider) throws GeneralSecurityException {
        return generate(KeyPairGenerator.getInstance(algorithm, provider));
    }

    private KeyPair generate(KeyPairGenerator generator) throws GeneralSecurityException {
        generator.initialize(parameters());
        return generator.generateKeyPair();
    }

    private AlgorithmParameterSpec parameters() {
        return switch (this) {
            case RSA_2048 -> new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4);
            case RSA_4096 -> new RSAKeyGenParameterSpec(4096, RSAKeyGenParameterSpec.F4);
            case EC_P256 -> new ECGenParameterSpec("secp256r1");
            case EC_P384 -> new ECGenParameterSpec("secp384r1");
        };
    }

    /** As server.conf writes it. */
    @Override
    public String toString() {
        return word;
    }
}
