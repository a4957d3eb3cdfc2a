// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.nio.file.Path;

/** A file, or a folder of files, that holds an X.509 identity or a part of it. */
public sealed interface X509File {
    Path path();

    FileMode mode();

    /** Certificates as PEM, the leaf first. */
    record Chain(Path path, FileMode mode) implements X509File {}

    /** The key as PKCS#8 in PEM. */
    record Key(Path path, FileMode mode) implements X509File {}

    /** Whom to trust, as PEM. */
    record Bundle(Path path, FileMode mode) implements X509File {}

    /** The key and then the certificates, as PEM. */
    record Combined(Path path, FileMode mode) implements X509File {}

    /**
     * A PKCS#12 key store that holds key, certificates and the authorities of the own trust domain.
     *
     * @param password names a file whose first line opens the store
     * @param alias of the key
     */
    record Pkcs12(Path path, FileMode mode, Path password, String alias) implements X509File {}

    /** A folder that holds the authorities of each trust domain in a file of its name and {@code .pem}. */
    record BundleFolder(Path path, FileMode mode) implements X509File {}
}
