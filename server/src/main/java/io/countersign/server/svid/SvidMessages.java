// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.svid;

import com.google.protobuf.ByteString;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.Der;
import java.security.cert.X509Certificate;
import java.util.List;

/** Issued certificates as messages. */
public final class SvidMessages {
    private SvidMessages() {}

    /** @param chain leaf first */
    public static X509SVID message(SpiffeId id, List<X509Certificate> chain) {
        return X509SVID.newBuilder()
                .addAllCertChain(der(chain))
                .setId(Ids.message(id))
                .setExpiresAt(chain.getFirst().getNotAfter().toInstant().getEpochSecond())
                .build();
    }

    static List<ByteString> der(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(certificate -> ByteString.copyFrom(Der.encodeCertificates(List.of(certificate))))
                .toList();
    }
}
