// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys as PEM text (RFC 7468): 64 characters a line, a line feed after each. */
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s+([A-Za-z0-9+/=\\s]*?)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String PRIVATE_KEY = "PRIVATE KEY";

    private Pem() {}

    /** One block. */
    public static String encode(String type, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }

    /** The certificates one after the other. */
    public static String certificates(Collection<X509Certificate> certificates) {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                text.append(encode(CERTIFICATE, certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("a parsed certificate has an encoding", e);
            }
        }
        return text.toString();
    }

    /** The key as PKCS#8. */
    public static String privateKey(PrivateKey key) {
        return encode(PRIVATE_KEY, key.getEncoded());
    }

    /**
     * All certificates of a text; blocks of other types are left out.
     *
     * @throws X509SvidException if there is none, or one cannot be read
     */
    public static List<X509Certificate> parseCertificates(String pem) {
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher block = BLOCK.matcher(pem);
        while (block.find()) {
            if (block.group(1).equals(CERTIFICATE)) {
                certificates.addAll(Der.parseCertificates(decode(block.group(2))));
            }
        }
        if (certificates.isEmpty()) {
            throw new X509SvidException("no \"BEGIN CERTIFICATE\" block found; expected certificates as pem");
        }
        return List.copyOf(certificates);
    }

    /** As {@link #parseCertificates(String)}, of the bytes of a file. */
    public static List<X509Certificate> parseCertificates(byte[] pem) {
        return parseCertificates(new String(pem, StandardCharsets.ISO_8859_1));
    }

    /**
     * The first private key of a file.
     *
     * @throws X509SvidException if there is none in PKCS#8 without a passphrase
     */
    public static PrivateKey parsePrivateKey(byte[] pem) {
        Matcher block = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
        Optional<String> other = Optional.empty();
        while (block.find()) {
            if (block.group(1).equals(PRIVATE_KEY)) {
                return Der.parsePkcs8(decode(block.group(2)));
            }
            if (block.group(1).endsWith(PRIVATE_KEY)) {
                other = Optional.of(block.group(1));
            }
        }
        throw new X509SvidException(
                other.map(type -> "\"" + type + "\" is not supported").orElse("no private key found")
                        + "; expected a \"BEGIN PRIVATE KEY\" block (pkcs#8, no passphrase)");
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new X509SvidException("a pem block is not base64", e);
        }
    }
}
