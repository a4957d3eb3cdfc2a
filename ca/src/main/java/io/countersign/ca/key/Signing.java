// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.util.Optional;

/**
 * Chooses who computes signatures: Corretto's native code where it loads, which signs and verifies on P-256 some ten times
 * faster than the JDK, and the JDK everywhere else. Nothing is installed for the whole process.
 */
public final class Signing {
    private static final String JDK_EC = "SunEC";
    private static final String JDK_RSA = "SunRsaSign";

    private Signing() {}

    /** @param algorithm a signature's name, such as {@code SHA256withECDSA} */
    public static Provider provider(String algorithm) {
        var corretto = corretto(algorithm);
        if (corretto.isPresent()) {
            return corretto.get();
        }
        var name = algorithm.endsWith("RSA") ? JDK_RSA : JDK_EC;
        var jdk = Security.getProvider(name);
        if (jdk == null) {
            throw new IllegalStateException("this Java has no provider " + name + ", expected one for " + algorithm);
        }
        return jdk;
    }

    /** Corretto, if it loads and computes such signatures. */
    public static Optional<Provider> corretto(String algorithm) {
        var corretto = AmazonCorrettoCryptoProvider.INSTANCE;
        boolean there = corretto.getLoadingError() == null && corretto.getService("Signature", algorithm) != null;
        return there ? Optional.of(corretto) : Optional.empty();
    }

    /** The same key in the form of the one who signs with it: it would be converted anew for every signature. */
    public static PrivateKey converted(PrivateKey key, String algorithm) {
        var corretto = corretto(algorithm);
        if (corretto.isEmpty()) {
            return key;
        }
        try {
            return (PrivateKey)
                    KeyFactory.getInstance(key.getAlgorithm(), corretto.get()).translateKey(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("a key of type " + key.getAlgorithm() + " that is not to be read", e);
        }
    }

    /** Whether these are the two halves of one key. */
    public static boolean isPair(PublicKey publicKey, PrivateKey privateKey) {
        var algorithm = KeyType.signatureAlgorithm(publicKey);
        try {
            var probe = publicKey.getEncoded();
            var signer = Signature.getInstance(algorithm);
            signer.initSign(privateKey);
            signer.update(probe);
            var verifier = Signature.getInstance(algorithm);
            verifier.initVerify(publicKey);
            verifier.update(probe);
            return verifier.verify(signer.sign());
        } catch (GeneralSecurityException e) {
            // another type of key, or another curve
            return false;
        }
    }
}
