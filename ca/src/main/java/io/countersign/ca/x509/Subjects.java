// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Names as SPIRE writes them: these attributes in this order, whatever name they come from. */
final class Subjects {
    private static final List<ASN1ObjectIdentifier> ORDER = List.of(
            BCStyle.C,
            BCStyle.O,
            BCStyle.OU,
            BCStyle.L,
            BCStyle.ST,
            BCStyle.STREET,
            BCStyle.POSTAL_CODE,
            BCStyle.CN,
            BCStyle.SERIALNUMBER);

    private Subjects() {}

    /** @param value of that attribute, in the place of what the name has there; nothing to leave it */
    static X500Name of(X500Name name, ASN1ObjectIdentifier replaced, Optional<String> value) {
        var ordered = new X500NameBuilder(BCStyle.INSTANCE);
        for (var attribute : ORDER) {
            if (attribute.equals(replaced) && value.isPresent()) {
                ordered.addRDN(attribute, value.get());
            } else {
                Arrays.stream(name.getRDNs(attribute)).forEach(rdn -> ordered.addRDN(rdn.getFirst()));
            }
        }
        return ordered.build();
    }
}
