// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.spiffe.x509.Der;
import java.io.IOException;
import java.io.StringReader;
import java.security.PrivateKey;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/** A node's key as an operator's tools write it: PKCS#8, or OpenSSL's older forms for EC and RSA. */
public final class PemKey {
    private PemKey() {}

    /**
     * @throws IllegalArgumentException if there is none without a passphrase
     * @throws IOException if the text is no PEM
     */
    public static PrivateKey parse(String pem) throws IOException {
        try (var blocks = new PEMParser(new StringReader(pem))) {
            for (var block = blocks.readObject(); block != null; block = blocks.readObject()) {
                var key = key(block);
                if (key.isPresent()) {
                    return Der.parsePkcs8(key.get().getEncoded());
                }
            }
        }
        throw new IllegalArgumentException("no private key found, expected one in pem without a passphrase");
    }

    private static Optional<PrivateKeyInfo> key(Object block) {
        return switch (block) {
            case PrivateKeyInfo key -> Optional.of(key);
            case PEMKeyPair pair -> Optional.of(pair.getPrivateKeyInfo());
            default -> Optional.empty();
        };
    }
}
