// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.agent.config.WorkloadKeyType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A key and the PKCS#10 request (RFC 2986) that proves to the server that we have it. */
public final class CertificateRequest {
    private static final X500Principal SUBJECT = new X500Principal("O=SPIRE, C=US");

    private final KeyPair keys;
    private final WorkloadKeyType type;

    private CertificateRequest(KeyPair keys, WorkloadKeyType type) {
        this.keys = keys;
        this.type = type;
    }

    /** With a fresh key of that type. */
    public static CertificateRequest fresh(WorkloadKeyType type) {
        return new CertificateRequest(type.generate(), type);
    }

    public PrivateKey key() {
        return keys.getPrivate();
    }

    public byte[] der() {
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
