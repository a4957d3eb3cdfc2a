// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Writes bundle documents with the members, their order and the indentation that SPIRE uses. Strings need no escapes but
 * for a key id: all else is base64 or a fixed word.
 */
final class BundleWriter {
    private BundleWriter() {}

    static String document(TrustBundle bundle) {
        StringJoiner keys = new StringJoiner(",\n", "[\n", "\n    ]").setEmptyValue("[]");
        for (X509Certificate certificate : bundle.x509Authorities()) {
            List<String> members = members("x509-svid", "", certificate.getPublicKey());
            members.add("\"x5c\": [\n                \"" + base64(certificate) + "\"\n            ]");
            keys.add(entry(members));
        }
        for (JwtAuthority authority : bundle.jwtAuthorities()) {
            keys.add(entry(members("jwt-svid", authority.keyId(), authority.publicKey())));
        }
        StringJoiner document = new StringJoiner(",\n    ", "{\n    ", "\n}");
        document.add("\"keys\": " + keys);
        if (bundle.sequenceNumber() > 0) {
            document.add("\"spiffe_sequence\": " + bundle.sequenceNumber());
        }
        bundle.refreshHint().ifPresent(hint -> document.add("\"spiffe_refresh_hint\": " + hint.toSeconds()));
        return document.toString();
    }

    static String jwkSet(List<X509Certificate> certificates, List<JwtAuthority> authorities) {
        StringJoiner keys = new StringJoiner(",", "{\"keys\":[", "]}");
        for (X509Certificate certificate : certificates) {
            List<String> members = members("", "", certificate.getPublicKey());
            members.add("\"x5c\": [\"" + base64(certificate) + "\"]");
            keys.add("{" + String.join(",", members) + "}");
        }
        for (JwtAuthority authority : authorities) {
            keys.add("{" + String.join(",", members("", authority.keyId(), authority.publicKey())) + "}");
        }
        return keys.toString();
    }

    private static String entry(List<String> members) {
        return "        {\n            " + String.join(",\n            ", members) + "\n        }";
    }

    private static List<String> members(String use, String keyId, PublicKey key) {
        Map<String, String> values = new LinkedHashMap<>();
        if (!use.isEmpty()) {
            values.put("use", use);
        }
        Map<String, String> keyMembers = Jwk.members(key);
        values.put("kty", keyMembers.getOrDefault("kty", ""));
        if (!keyId.isEmpty()) {
            values.put("kid", keyId);
        }
        values.putAll(keyMembers);
        List<String> members = new ArrayList<>();
        values.forEach((name, value) -> members.add("\"" + name + "\": \"" + escape(value) + "\""));
        return members;
    }

    private static String escape(String value) {
        StringBuilder escaped = new StringBuilder();
        value.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                escaped.append('\\').append((char) c);
            } else if (c < ' ') {
                escaped.append("\\u%04x".formatted(c));
            } else {
                escaped.append((char) c);
            }
        });
        return escaped.toString();
    }

    private static String base64(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has an encoding", e);
        }
    }
}
