// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.exchange;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;

/**
 * What logs, headers and rules say about a certificate, read once per connection.
 *
 * @param serial lower-case hex, whole bytes
 * @param sha256 lower-case hex over the DER form
 */
public record CertificateFacts(
        X509Certificate certificate,
        List<String> uriSans,
        List<String> dnsSans,
        List<String> emailSans,
        List<String> ipSans,
        String serial,
        String sha256) {
    /** Short names that OpenSSL has and RFC 2253 has not, or writes otherwise; SPIRE's authorities have the first. */
    private static final Map<String, String> OPENSSL_NAMES = Map.of(
            "2.5.4.5", "serialNumber",
            "2.5.4.4", "SN",
            "2.5.4.9", "street",
            "2.5.4.12", "title",
            "2.5.4.42", "GN",
            "2.5.4.43", "initials",
            "2.5.4.46", "dnQualifier",
            "1.2.840.113549.1.9.1", "emailAddress");

    private static final int EMAIL = 1;
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final int IP = 7;

    public CertificateFacts {
        uriSans = List.copyOf(uriSans);
        dnsSans = List.copyOf(dnsSans);
        emailSans = List.copyOf(emailSans);
        ipSans = List.copyOf(ipSans);
    }

    /** @throws IllegalArgumentException if the certificate's names cannot be read */
    public static CertificateFacts of(X509Certificate certificate) {
        var uris = new ArrayList<String>();
        var names = new ArrayList<String>();
        var emails = new ArrayList<String>();
        var addresses = new ArrayList<String>();
        try {
            var sans = certificate.getSubjectAlternativeNames();
            for (var san : sans == null ? List.<List<?>>of() : sans) {
                var value = String.valueOf(san.get(1));
                switch ((Integer) san.get(0)) {
                    case URI -> uris.add(value);
                    case DNS -> names.add(value);
                    case EMAIL -> emails.add(value);
                    case IP -> addresses.add(value);
                    default -> {} // directory and registered names take part in no rule
                }
            }
            var der = certificate.getEncoded();
            return new CertificateFacts(
                    certificate,
                    uris,
                    names,
                    emails,
                    addresses,
                    hex(certificate.getSerialNumber().toByteArray()),
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(der)));
        } catch (CertificateParsingException | CertificateEncodingException | NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("cannot read the names in a certificate", e);
        }
    }

    /** RFC 2253, as OpenSSL prints it. */
    public String subject() {
        return certificate.getSubjectX500Principal().getName(X500Principal.RFC2253, OPENSSL_NAMES);
    }

    public String issuer() {
        return certificate.getIssuerX500Principal().getName(X500Principal.RFC2253, OPENSSL_NAMES);
    }

    /** PEM with a line feed at the end. */
    public String pem() {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("cannot encode a certificate that was parsed", e);
        }
    }

    private static String hex(byte[] number) {
        var text = HexFormat.of().formatHex(number);
        // the sign byte of a number whose first bit is set
        return text.length() > 2 && text.startsWith("00") ? text.substring(2) : text;
    }
}
