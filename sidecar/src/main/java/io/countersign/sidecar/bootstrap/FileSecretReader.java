// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import java.nio.file.Path;

/** Reads in which files an identity and authorities are. */
final class FileSecretReader {
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
            return new SecretRef.IdentityFiles(path(section, "certificate_chain"), path(section, "private_key"));
        }
    }

    /** Does not close the section. */
    static SecretRef trust(Section section) {
        section.section("watched_directory").ifPresent(FileSecretReader::watched);
        return new SecretRef.TrustFile(path(section, "trusted_ca"));
    }

    /** Closes the section. */
    static void watched(Section section) {
        try (section) {
            section.withoutEffect("path");
        }
    }

    private static Path path(Section section, String key) {
        var source = section.section(key);
        if (source.isEmpty()) {
            section.problem(key, "is missing, expected {filename: …}");
            return Path.of("");
        }
        try (var inner = source.get()) {
            inner.refuse("inline_string", "write filename: what stands here is not renewed");
            inner.refuse("inline_bytes", "write filename: what stands here is not renewed");
            inner.refuse("environment_variable", "write filename: what stands there is not renewed");
            inner.section("watched_directory").ifPresent(FileSecretReader::watched);
            return Path.of(inner.required("filename"));
        }
    }
}
