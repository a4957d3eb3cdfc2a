// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import io.countersign.datastore.authority.AuthorityJournal.Published;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Optional;

/** This trust domain's bundle as others may know it: which authorities are tainted is nobody else's business. */
public final class PublishedBundle {
    private PublishedBundle() {}

    public static TrustBundle of(TrustDomain trustDomain, Published published, Duration refreshHint) {
        var x509 = new ArrayList<X509Certificate>();
        var jwt = new ArrayList<JwtAuthority>();
        for (var authority : published.authorities()) {
            var der = der(authority);
            switch (authority.kind()) {
                case X509 -> x509.addAll(Der.parseCertificates(der));
                case JWT -> jwt.add(JwtAuthority.parse(authority.authorityId(), der));
            }
        }
        return new TrustBundle(trustDomain, x509, jwt, published.sequenceNumber(), Optional.of(refreshHint));
    }

    private static byte[] der(AuthorityRecord authority) {
        return Base64.getDecoder().decode(authority.material());
    }
}
