// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node's certificate says, in the words of selectors and of agent paths. */
record NodeCertificate(X509Certificate certificate) {
    private static final Logger log = LoggerFactory.getLogger(NodeCertificate.class);
    private static final int URI_NAME = 6;
    private static final int ADDRESS_NAME = 7;

    /** SHA-1 of its DER, in lower case hexadecimal digits: a name, not a protection. */
    String fingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(certificate.getEncoded()));
        } catch (CertificateEncodingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a parsed certificate has an encoding, and every Java has SHA-1", e);
        }
    }

    /** In lower case hexadecimal digits, an even number of them. */
    String serialNumberHex() {
        var digits = certificate.getSerialNumber().toString(16);
        return digits.length() % 2 == 0 ? digits : "0" + digits;
    }

    /** Empty if the subject has none; the last of several. */
    String commonName() {
        return attribute(certificate.getSubjectX500Principal(), BCStyle.CN);
    }

    /** The fields of Go's certificate that an agent path may speak of. */
    Map<String, String> values() {
        var values = new HashMap<String, String>();
        values.put("Fingerprint", fingerprint());
        values.put("SerialNumber", certificate.getSerialNumber().toString());
        values.put("SerialNumberHex", serialNumberHex());
        values.put("Subject.CommonName", commonName());
        values.put("Subject.SerialNumber", attribute(certificate.getSubjectX500Principal(), BCStyle.SERIALNUMBER));
        values.put("Issuer.CommonName", attribute(certificate.getIssuerX500Principal(), BCStyle.CN));
        return values;
    }

    private static String attribute(X500Principal name, ASN1ObjectIdentifier type) {
        var value = "";
        for (var part : X500Name.getInstance(name.getEncoded()).getRDNs()) {
            for (var attribute : part.getTypesAndValues()) {
                if (attribute.getType().equals(type) && attribute.getValue() instanceof ASN1String text) {
                    value = text.getString();
                }
            }
        }
        return value;
    }

    /** The first of its URI names that is to be one. */
    Optional<SpiffeId> spiffeId() {
        return names(URI_NAME).stream()
                .filter(name -> name.startsWith("spiffe:"))
                .findFirst()
                .flatMap(name -> {
                    try {
                        return Optional.of(SpiffeId.parse(name));
                    } catch (IllegalArgumentException e) {
                        log.atWarn().addKeyValue("reason", e.getMessage()).log("a node shows no SPIFFE ID");
                        return Optional.empty();
                    }
                });
    }

    /** The URI names {@code x509pop://trust domain/key/value}, by their keys. */
    Map<String, String> sanSelectors(TrustDomain trustDomain) {
        var selectors = new HashMap<String, String>();
        var prefix = "x509pop://" + trustDomain.name() + "/";
        for (var name : names(URI_NAME)) {
            if (name.startsWith(prefix)) {
                var path = path(name).replaceAll("^/+|/+$", "");
                int slash = path.indexOf('/');
                if (slash > 0) {
                    selectors.put(path.substring(0, slash), path.substring(slash + 1));
                } else {
                    log.atWarn().addKeyValue("name", name).log("a node's URI name has no key and value");
                }
            }
        }
        return selectors;
    }

    /** Without its escapes; empty if it is no URI. */
    private static String path(String uri) {
        try {
            return Optional.ofNullable(new URI(uri).getPath()).orElse("");
        } catch (URISyntaxException e) {
            return "";
        }
    }

    List<InetAddress> addresses() {
        return names(ADDRESS_NAME).stream().map(InetAddress::ofLiteral).toList();
    }

    private List<String> names(int type) {
        try {
            var found = new ArrayList<String>();
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (var name : names == null ? List.<List<?>>of() : names) {
                if (name.getFirst().equals(type) && name.get(1) instanceof String text) {
                    found.add(text);
                }
            }
            return found;
        } catch (CertificateParsingException e) {
            throw X509PopAttestation.refused(
                    Code.INVALID_ARGUMENT, "unable to parse leaf certificate: " + e.getMessage());
        }
    }
}
