// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;

/**
 * A private key ready to sign: how, by whom, and in the form that this provider has of its own, to which it would convert the
 * key anew for every signature.
 *
 * @param algorithm a signature's name, such as {@code SHA256withECDSA}
 */
public record SigningKey(PrivateKey key, String algorithm, Provider provider) {
    public static SigningKey of(PrivateKey key, PublicKey publicKey) {
        var algorithm = KeyType.signatureAlgorithm(publicKey);
        var provider = Signing.provider(algorithm, key);
        return new SigningKey(Signing.converted(key, provider), algorithm, provider);
    }

    public byte[] sign(byte[] content) throws GeneralSecurityException {
        var signature = Signature.getInstance(algorithm, provider);
        signature.initSign(key);
        signature.update(content);
        return signature.sign();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SigningKey[algorithm=%s, provider=%s]".formatted(algorithm, provider.getName());
    }
}
