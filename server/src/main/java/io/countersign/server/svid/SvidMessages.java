// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.svid;

import com.google.protobuf.ByteString;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.SpiffeId;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/** Issued certificates as messages. */
public final class SvidMessages {
    private SvidMessages() {}

    public static X509SVID message(SpiffeId id, X509Certificate leaf) {
        try {
            return X509SVID.newBuilder()
                    .addCertChain(ByteString.copyFrom(leaf.getEncoded()))
                    .setId(Ids.message(id))
                    .setExpiresAt(leaf.getNotAfter().toInstant().getEpochSecond())
                    .build();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was just made cannot be encoded", e);
        }
    }
}
