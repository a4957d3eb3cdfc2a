// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.TlsSettings.Place;
import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Optional;

/** Reads in which files an identity and authorities are, or themselves where they stand in this one. */
final class FileSecretReader {
    private static final Place NOWHERE = new Place.InFile(Path.of(""));

    private FileSecretReader() {}

    /** Closes the section. */
    static SecretRef identity(Section section) {
        try (section) {
            section.refuse("pkcs12", "write certificate_chain and private_key");
            section.refuse("password", "the key is read as it is");
            section.refuse("private_key_provider", "write private_key");
            section.refuse("ocsp_staple", "short-lived certificates need none");
            section.refuse("signed_certificate_timestamp", "it is not sent");
            // files are looked at again and again, wherever they are
            section.section("watched_directory").ifPresent(FileSecretReader::watched);
            return new SecretRef.Identity(
                    place(section, "certificate_chain", "CERTIFICATE"), place(section, "private_key", "PRIVATE KEY"));
        }
    }

    /** Does not close the section. */
    static SecretRef trust(Section section) {
        section.section("watched_directory").ifPresent(FileSecretReader::watched);
        return new SecretRef.Authorities(place(section, "trusted_ca", "CERTIFICATE"));
    }

    /** Closes the section. */
    static void watched(Section section) {
        try (section) {
            section.withoutEffect("path");
        }
    }

    private static Place place(Section section, String key, String kind) {
        var source = section.section(key);
        if (source.isEmpty()) {
            section.problem(key, "is missing, expected {filename: …} or {inline_string: …}");
            return NOWHERE;
        }
        try (var inner = source.get()) {
            inner.refuse("environment_variable", "write filename or inline_string");
            inner.section("watched_directory").ifPresent(FileSecretReader::watched);
            var found = new ArrayList<Place>();
            inner.string("filename").ifPresent(file -> found.add(new Place.InFile(Path.of(file))));
            inner.string("inline_string")
                    .ifPresent(text -> found.add(inline(inner, "inline_string", Optional.of(text), kind)));
            inner.string("inline_bytes")
                    .ifPresent(text -> found.add(inline(inner, "inline_bytes", decoded(inner, text), kind)));
            if (found.size() != 1) {
                inner.problem("", "expected exactly one of filename, inline_string, inline_bytes");
                return NOWHERE;
            }
            return found.getFirst();
        }
    }

    /** Says nothing of what stands there, which may be a key. */
    private static Place inline(Section section, String key, Optional<String> pem, String kind) {
        var begin = "-----BEGIN " + kind + "-----";
        if (pem.isPresent() && !pem.get().contains(begin)) {
            section.problem(key, "has no " + begin + ", expected PEM (keys as PKCS#8)");
        }
        return new Place.Inline(section.path(), pem.orElse(""));
    }

    /** Protobuf's JSON form takes both alphabets; what is none is told. */
    private static Optional<String> decoded(Section section, String base64) {
        try {
            var one = base64.replaceAll("\\s", "").replace('-', '+').replace('_', '/');
            return Optional.of(new String(Base64.getDecoder().decode(one), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            section.problem("inline_bytes", "is no Base64");
            return Optional.empty();
        }
    }
}
