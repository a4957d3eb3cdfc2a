// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.spiffe.x509.Pem;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** A certificate chain, leaf first, and its key. */
record Credential(List<X509Certificate> chain, PrivateKey key) {
    private static final String ALIAS = "own";

    /** Takes any peer, as the tests want to see what the sidecar shows and not judge it. */
    static final TrustManager ANYBODY = new X509ExtendedTrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    };

    String chainPem() {
        return Pem.certificates(chain);
    }

    /** As PKCS#8. */
    String keyPem() {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    /** A context that shows this and takes any peer. */
    SSLContext context() {
        return context(keyManagers());
    }

    /** A context that shows nothing. */
    static SSLContext anonymous() {
        return context(new KeyManager[0]);
    }

    private static SSLContext context(KeyManager[] keys) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {ANYBODY}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Shows it whatever the other side asks for: expired, of the wrong authority, for the wrong purpose. */
    private KeyManager[] keyManagers() {
        return new KeyManager[] {
            new X509ExtendedKeyManager() {
                @Override
                public String[] getClientAliases(String type, Principal[] issuers) {
                    return new String[] {ALIAS};
                }

                @Override
                public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
                    return ALIAS;
                }

                @Override
                public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
                    return ALIAS;
                }

                @Override
                public String[] getServerAliases(String type, Principal[] issuers) {
                    return new String[] {ALIAS};
                }

                @Override
                public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
                    return type.startsWith("EC") ? ALIAS : null;
                }

                @Override
                public X509Certificate[] getCertificateChain(String alias) {
                    return chain.toArray(X509Certificate[]::new);
                }

                @Override
                public PrivateKey getPrivateKey(String alias) {
                    return key;
                }
            }
        };
    }
}
