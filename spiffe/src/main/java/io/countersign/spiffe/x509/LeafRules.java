// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import io.countersign.spiffe.InvalidSpiffeIdException;
import io.countersign.spiffe.SpiffeId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a leaf certificate must be to carry an identity: X509-SVID sections 2, 3.1, 4 and 5.2. */
final class LeafRules {
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final List<String> SERVER_AND_CLIENT_AUTH = List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

    private LeafRules() {}

    /** The ID of a leaf that keeps all the rules. */
    static SpiffeId check(X509Certificate leaf) {
        if (leaf.getBasicConstraints() >= 0) {
            throw new X509SvidException("the leaf is a ca certificate; expected cA to be false");
        }
        boolean[] usage = leaf.getKeyUsage();
        if (usage == null || !usage[DIGITAL_SIGNATURE]) {
            throw new X509SvidException("the leaf's key usage lacks digitalSignature");
        }
        if (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
            throw new X509SvidException("the leaf's key usage has keyCertSign or cRLSign, which only a ca may have");
        }
        checkExtendedKeyUsage(leaf);
        SpiffeId id = idOf(leaf);
        if (id.path().isEmpty()) {
            throw new X509SvidException("the leaf's spiffe id \"" + id + "\" has no path");
        }
        return id;
    }

    /** The one SPIFFE ID of a certificate. */
    static SpiffeId idOf(X509Certificate certificate) {
        List<String> uris = Extensions.uriNames(certificate);
        if (uris.size() != 1) {
            throw new X509SvidException("the certificate has " + uris.size() + " uri names; expected exactly one");
        }
        try {
            return SpiffeId.parse(uris.getFirst());
        } catch (InvalidSpiffeIdException e) {
            throw new X509SvidException("the certificate's uri name is no spiffe id: " + e.getMessage(), e);
        }
    }

    private static void checkExtendedKeyUsage(X509Certificate leaf) {
        try {
            List<String> usages = leaf.getExtendedKeyUsage();
            if (usages != null && !usages.containsAll(SERVER_AND_CLIENT_AUTH)) {
                throw new X509SvidException(
                        "the leaf's extended key usage " + usages + " lacks serverAuth or clientAuth");
            }
        } catch (CertificateParsingException e) {
            throw new X509SvidException("the leaf's extended key usage cannot be read", e);
        }
    }
}
