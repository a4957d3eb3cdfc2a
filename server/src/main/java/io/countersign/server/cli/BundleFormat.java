// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.ByteString;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.server.bundle.BundleMessages;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.InvalidBundleException;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509SvidException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The two forms in which commands read and print bundles. */
enum BundleFormat {
    /** X.509 authorities alone. */
    PEM,
    /** The document of the SPIFFE standard. */
    SPIFFE;

    /** @throws IllegalArgumentException if there is no such format */
    static BundleFormat named(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "", "pem" -> PEM;
            case "spiffe" -> SPIFFE;
            default -> throw new IllegalArgumentException("invalid format: \"" + word + "\"; expected pem or spiffe");
        };
    }

    void print(PrintWriter out, Bundle bundle) {
        switch (this) {
            case PEM -> out.print(Pem.certificates(BundleCommand.authorities(bundle)));
            case SPIFFE -> out.println(BundleDocument.of(bundle));
        }
        out.flush();
    }

    /**
     * @param trustDomain whose bundle it is, by its name or its ID
     * @throws IllegalArgumentException if the text is no bundle in this format
     */
    Bundle parse(String text, String trustDomain) {
        return switch (this) {
            case PEM -> pem(text, trustDomain);
            case SPIFFE -> document(text, trustDomain);
        };
    }

    private static Bundle pem(String text, String trustDomain) {
        try {
            var bundle = Bundle.newBuilder().setTrustDomain(trustDomain);
            for (var certificate : Pem.parseCertificates(text)) {
                bundle.addX509Authorities(X509Certificate.newBuilder()
                        .setAsn1(ByteString.copyFrom(Der.encodeCertificates(List.of(certificate)))));
            }
            return bundle.build();
        } catch (X509SvidException e) {
            throw new IllegalArgumentException("unable to parse bundle data: " + e.getMessage(), e);
        }
    }

    private static Bundle document(String text, String trustDomain) {
        var of = TrustDomain.parse(trustDomain);
        try {
            return BundleMessages.message(
                    FederatedBundle.of(TrustBundle.parse(of, text.getBytes(StandardCharsets.UTF_8))));
        } catch (InvalidBundleException e) {
            throw new IllegalArgumentException("unable to parse to spiffe bundle: " + e.getMessage(), e);
        }
    }
}
