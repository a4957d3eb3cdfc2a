// SPDX-License-Identifier: Apache-2.0
package io.countersign.image;

import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in the letters of container images. */
final class Digest {
    private final MessageDigest sha256;

    private Digest(MessageDigest sha256) {
        this.sha256 = sha256;
    }

    static Digest begin() {
        try {
            return new Digest(MessageDigest.getInstance("SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Takes in what goes through to the other stream. */
    OutputStream before(OutputStream next) {
        return new DigestOutputStream(next, sha256);
    }

    static String of(byte[] bytes) {
        return HexFormat.of().formatHex(begin().sha256.digest(bytes));
    }

    /** To be asked once. */
    String hex() {
        return HexFormat.of().formatHex(sha256.digest());
    }
}
