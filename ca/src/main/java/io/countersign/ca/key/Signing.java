// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.security.Security;

/**
 * Chooses who computes signatures: Corretto's native code where it loads, which signs on P-256 some ten times faster than
 * the JDK, and the JDK everywhere else. Only signing goes there; nothing is installed for the whole process.
 */
public final class Signing {
    private static final String JDK_EC = "SunEC";
    private static final String JDK_RSA = "SunRsaSign";

    private Signing() {}

    /** @param algorithm a signature's name, such as {@code SHA256withECDSA} */
    public static Provider provider(String algorithm) {
        var corretto = AmazonCorrettoCryptoProvider.INSTANCE;
        if (corretto.getLoadingError() == null && corretto.getService("Signature", algorithm) != null) {
            return corretto;
        }
        var name = algorithm.endsWith("RSA") ? JDK_RSA : JDK_EC;
        var jdk = Security.getProvider(name);
        if (jdk == null) {
            throw new IllegalStateException("this Java has no provider " + name + ", expected one for " + algorithm);
        }
        return jdk;
    }
}
