// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

/** The TLS that comes with Java, for one side of a connection. */
final class JavaTls {
    private JavaTls() {}

    /** @param shown whatever the other side asks for */
    static SSLContext context(Optional<TestAuthority.Issued> shown, TrustManager trust)
            throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        var keys = shown.map(Shows::new).stream().toArray(KeyManager[]::new);
        context.init(keys, new TrustManager[] {trust}, null);
        return context;
    }

    /** Java's own would leave an expired certificate at home. */
    private static final class Shows extends X509ExtendedKeyManager {
        private final TestAuthority.Issued issued;

        Shows(TestAuthority.Issued issued) {
            this.issued = issued;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return "own";
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return "own";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {issued.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return issued.key();
        }
    }
}
