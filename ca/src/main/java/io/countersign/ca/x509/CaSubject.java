// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * The name that an authority's certificate bears, as {@code ca_subject} of server.conf gives it.
 *
 * @param commonName empty for none
 */
public record CaSubject(List<String> countries, List<String> organizations, String commonName) {
    public static final CaSubject STANDARD = new CaSubject(List.of("US"), List.of("SPIFFE"), "");

    public CaSubject {
        countries = List.copyOf(countries);
        organizations = List.copyOf(organizations);
    }

    /** Whether it says nothing. */
    public boolean isEmpty() {
        return countries.isEmpty() && organizations.isEmpty() && commonName.isEmpty();
    }

    /**
     * The name with the certificate's serial number in it, as SPIRE writes it: Go's verifier gives up after a hundred
     * authorities of one name, so no two may share one.
     */
    X500Name withSerialNumber(BigInteger serial) {
        var name = new X500NameBuilder(BCStyle.INSTANCE);
        countries.forEach(country -> name.addRDN(BCStyle.C, country));
        organizations.forEach(organization -> name.addRDN(BCStyle.O, organization));
        if (!commonName.isEmpty()) {
            name.addRDN(BCStyle.CN, commonName);
        }
        return name.addRDN(BCStyle.SERIALNUMBER, serial.toString()).build();
    }
}
