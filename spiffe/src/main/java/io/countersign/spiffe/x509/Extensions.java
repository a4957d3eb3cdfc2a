// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what the JDK does not tell of a certificate's extensions. {@link X509Certificate#getSubjectAlternativeNames()}
 * hides all names when one of them is malformed; here each URI is seen as its bytes.
 */
final class Extensions {
    private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    private static final int OCTET_STRING = 0x04;
    private static final int SEQUENCE = 0x30;
    /** GeneralName [6] IMPLICIT IA5String, RFC 5280 section 4.2.1.6. */
    private static final int URI = 0x86;

    private final byte[] der;
    private int at;
    private final int end;

    private Extensions(byte[] der, int at, int end) {
        this.der = der;
        this.at = at;
        this.end = end;
    }

    /**
     * The URI names of a certificate in their order, one character a byte.
     *
     * @throws X509SvidException if the extension is not DER
     */
    static List<String> uriNames(X509Certificate certificate) {
        byte[] value = certificate.getExtensionValue(SUBJECT_ALTERNATIVE_NAME);
        if (value == null) {
            return List.of();
        }
        Extensions names =
                new Extensions(value, 0, value.length).enter(OCTET_STRING).enter(SEQUENCE);
        List<String> uris = new ArrayList<>();
        while (names.at < names.end) {
            int tag = names.der[names.at] & 0xff;
            Extensions name = names.enter(tag);
            if (tag == URI) {
                uris.add(new String(name.der, name.at, name.end - name.at, StandardCharsets.ISO_8859_1));
            }
            names.at = name.end;
        }
        return List.copyOf(uris);
    }

    /** The contents of the element that begins here, if it has that tag. */
    private Extensions enter(int tag) {
        if (end - at < 2 || (der[at] & 0xff) != tag) {
            throw malformed();
        }
        int length = der[at + 1] & 0xff;
        int start = at + 2;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            if (bytes == 0 || bytes > 3 || end - start < bytes) {
                throw malformed();
            }
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = (length << 8) | (der[start + i] & 0xff);
            }
            start += bytes;
        }
        if (length > end - start) {
            throw malformed();
        }
        return new Extensions(der, start, start + length);
    }

    private static X509SvidException malformed() {
        return new X509SvidException("the subject alternative name extension is malformed");
    }
}
