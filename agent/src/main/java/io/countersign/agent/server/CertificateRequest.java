// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.agent.config.WorkloadKeyType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.KeyPair;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A key and the PKCS#10 request (RFC 2986) that proves to the server that we have it. */
public final class CertificateRequest {
    private static final X500Principal SUBJECT = new X500Principal("O=SPIRE, C=US");

    private final KeyPair keys;
    private final byte[] der;

    private CertificateRequest(KeyPair keys, byte[] der) {
        this.keys = keys;
        this.der = der;
    }

    /** With a fresh key of that type. */
    public static CertificateRequest fresh(WorkloadKeyType type) {
        var keys = type.generate();
        return new CertificateRequest(keys, request(keys, type));
    }

    public KeyPair keys() {
        return keys;
    }

    public byte[] der() {
        return der.clone();
    }

    private static byte[] request(KeyPair keys, WorkloadKeyType type) {
        try {
            var signer = new JcaContentSignerBuilder(type.signatureAlgorithm()).build(keys.getPrivate());
            return new JcaPKCS10CertificationRequestBuilder(SUBJECT, keys.getPublic())
                    .build(signer)
                    .getEncoded();
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("a key that was just made cannot sign", e);
        } catch (IOException e) {
            throw new UncheckedIOException("a request in memory cannot be encoded", e);
        }
    }
}
