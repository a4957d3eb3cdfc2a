// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.keys;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.InvalidBundleException;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads a SPIFFE bundle document. */
final class FileFetch implements KeyFetch {
    /** A document does not say whose it is, and nothing but messages would. */
    private static final TrustDomain UNNAMED = new TrustDomain("of-the-file");

    private final Path file;

    FileFetch(Path file) {
        this.file = file;
    }

    @Override
    public List<JwtAuthority> fetch() throws IOException {
        try {
            return TrustBundle.parse(UNNAMED, Files.readAllBytes(file)).jwtAuthorities();
        } catch (IOException e) {
            throw new IOException("Failed to load SPIFFE trust bundle: " + file + " cannot be read: " + e, e);
        } catch (InvalidBundleException e) {
            throw new IOException("Failed to load SPIFFE trust bundle: " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {}
}
