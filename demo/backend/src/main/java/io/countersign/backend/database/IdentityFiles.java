// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The three PEM files that a helper keeps fresh. */
public record IdentityFiles(Path certificate, Path key, Path authorities) {
    private static final int ATTEMPTS = 40;
    private static final Duration PAUSE = Duration.ofMillis(25);

    /** Changes when any of the files does. */
    record Stamp(List<FileTime> times) {}

    Stamp stamp() throws IOException {
        return new Stamp(List.of(
                Files.getLastModifiedTime(certificate),
                Files.getLastModifiedTime(key),
                Files.getLastModifiedTime(authorities)));
    }

    /**
     * The identity in the files. A helper may be half-way through replacing them, so a certificate and a key that do
     * not belong together are given a second to become a pair.
     *
     * @throws SQLException if the files cannot be read or hold no X509-SVID
     */
    X509Svid read() throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return X509Svid.parse(Files.readAllBytes(certificate), Files.readAllBytes(key));
            } catch (IOException e) {
                throw new SQLException(
                        "cannot read the client's identity from " + e.getMessage() + ": " + reason(e), e);
            } catch (IllegalArgumentException e) {
                if (attempt == ATTEMPTS) {
                    throw new SQLException(certificate + " and " + key + " hold no identity: " + e.getMessage(), e);
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException missing -> "there is no such file; does the helper run?";
            case java.nio.file.AccessDeniedException denied ->
                "access denied; run the helper under this program's user";
            case IOException other -> other.getClass().getSimpleName();
        };
    }
}
