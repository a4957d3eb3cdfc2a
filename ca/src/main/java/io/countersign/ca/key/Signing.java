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
import java.util.Arrays;
import java.util.Optional;

/**
 * Chooses who computes signatures: the token for a key that is in one; else Corretto's native code where it loads, which
 * signs and verifies on P-256 some ten times faster than the JDK, and the JDK everywhere else. Corretto is not installed for
 * the whole process.
 */
public final class Signing {
    private static final String JDK_EC = "SunEC";
    private static final String JDK_RSA = "SunRsaSign";

    private Signing() {}

    /**
     * Who signs with this key.
     *
     * @param algorithm a signature's name, such as {@code SHA256withECDSA}
     */
    public static Provider provider(String algorithm, PrivateKey key) {
        return isKeptElsewhere(key) ? keeper(algorithm, key) : provider(algorithm);
    }

    /** Only who keeps such a key can use it; it has no form in which it could leave. */
    private static boolean isKeptElsewhere(PrivateKey key) {
        return key.getFormat() == null;
    }

    private static Provider keeper(String algorithm, PrivateKey key) {
        return Arrays.stream(Security.getProviders())
                .filter(each -> {
                    var service = each.getService("Signature", algorithm);
                    return service != null && service.supportsParameter(key);
                })
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no provider of this process signs " + algorithm + " with a key that is kept elsewhere"));
    }

    private static Provider provider(String algorithm) {
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

    static PrivateKey converted(PrivateKey key, Provider signs) {
        if (!signs.equals(AmazonCorrettoCryptoProvider.INSTANCE)) {
            return key;
        }
        try {
            return (PrivateKey)
                    KeyFactory.getInstance(key.getAlgorithm(), signs).translateKey(key);
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
