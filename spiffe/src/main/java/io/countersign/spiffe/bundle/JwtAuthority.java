// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;

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
}
