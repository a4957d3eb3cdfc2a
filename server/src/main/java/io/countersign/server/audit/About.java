// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import com.google.protobuf.ByteString;
import io.countersign.ca.x509.KeyIds;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.x509.Der;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Puts together what a line is about: names and their values in order, without those that are empty. */
final class About {
    private final SequencedMap<String, String> values = new LinkedHashMap<>();

    static SequencedMap<String, String> nothing() {
        return new LinkedHashMap<>();
    }

    static SequencedMap<String, String> only(String name, String value) {
        return new About().with(name, value).values();
    }

    About with(String name, String value) {
        if (!value.isEmpty()) {
            values.put(name, value);
        }
        return this;
    }

    About with(String name, List<String> several) {
        return with(name, String.join(",", several));
    }

    About with(String name, boolean set) {
        return with(name, set ? "true" : "");
    }

    About id(String name, boolean given, SPIFFEID id) {
        return given ? with(name, Ids.text(id)) : this;
    }

    /** @param seconds since 1970; 0 if there is none */
    About time(String name, long seconds) {
        return seconds == 0 ? this : with(name, Instant.ofEpochSecond(seconds).toString());
    }

    About svid(X509SVID svid) {
        return id("spiffe_id", svid.hasId(), svid.getId()).certificate(svid.getCertChain(0));
    }

    /** What identifies a certificate, and by which authority it is. */
    About certificate(ByteString der) {
        var certificate = Der.parseCertificates(der.toByteArray()).getFirst();
        return with("serial", certificate.getSerialNumber().toString())
                .with("authority_id", KeyIds.authority(certificate))
                .with("expires_at", certificate.getNotAfter().toInstant().toString());
    }

    SequencedMap<String, String> values() {
        return values;
    }

    /** By which a certificate is named that has no better name, in lower case hexadecimal digits. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
