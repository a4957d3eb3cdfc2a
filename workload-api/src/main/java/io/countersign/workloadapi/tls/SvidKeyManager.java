// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import io.countersign.spiffe.x509.X509Svid;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Offers one SVID in one handshake. JSSE asks for chain and key apart, so the SVID is taken once, when the manager is
 * made; make one for each connection.
 */
public final class SvidKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "svid";

    private final X509Svid svid;

    public SvidKeyManager(Supplier<X509Svid> newest) {
        this.svid = newest.get();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return svid.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return svid.privateKey();
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        return anyFits(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return anyFits(keyType);
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
        return anyFits(keyTypes);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
        return anyFits(keyType);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    /** JSSE asks once for each kind of key and signs wrongly with one of another kind. */
    private @Nullable String anyFits(String... keyTypes) {
        var algorithm = svid.privateKey().getAlgorithm();
        for (var type : keyTypes) {
            if (type.equals(algorithm) || type.startsWith(algorithm + "_")) {
                return ALIAS;
            }
        }
        return null;
    }
}
