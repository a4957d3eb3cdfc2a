// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Optional;

/** The kind of key that workloads get. */
public enum WorkloadKeyType {
    EC_P256("ec-p256", "SHA256withECDSA"),
    EC_P384("ec-p384", "SHA384withECDSA"),
    RSA_2048("rsa-2048", "SHA256withRSA");

    private final String word;
    private final String signature;

    WorkloadKeyType(String word, String signature) {
        this.word = word;
        this.signature = signature;
    }

    /** By its word in agent.conf, whatever the case. */
    public static Optional<WorkloadKeyType> named(String word) {
        return Arrays.stream(values())
                .filter(type -> type.word.equalsIgnoreCase(word))
                .findAny();
    }

    /** The JDK's name of the algorithm that such a key signs with. */
    public String signatureAlgorithm() {
        return signature;
    }

    /** A fresh key. */
    public KeyPair generate() {
        try {
            return switch (this) {
                case EC_P256 -> curve("secp256r1");
                case EC_P384 -> curve("secp384r1");
                case RSA_2048 -> {
                    var generator = KeyPairGenerator.getInstance("RSA");
                    generator.initialize(2048);
                    yield generator.generateKeyPair();
                }
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot make a key of type " + word, e);
        }
    }

    private static KeyPair curve(String name) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(name));
        return generator.generateKeyPair();
    }

    @Override
    public String toString() {
        return word;
    }
}
