// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sealed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Seals with AES-256-GCM (NIST SP 800-38D): a nonce of 12 random bytes in front, a tag of 16 behind. Thread-safe. */
final class SealingKey {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKey key;

    private SealingKey(SecretKey key) {
        this.key = key;
    }

    /**
     * @param file 32 bytes in base64, for the agent's user alone
     * @throws IOException if it cannot be read, is not such a key, or others may read or change it
     */
    static SealingKey read(Path file) throws IOException {
        var permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
        permissions.retainAll(OF_OTHERS);
        if (!permissions.isEmpty()) {
            throw new IOException(
                    "key_file " + file + " may be read or changed by others (" + permissions + "), expected mode 0600");
        }
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder()
                    .decode(Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (IllegalArgumentException e) {
            throw wrong(file, e);
        }
        if (bytes.length != KEY_BYTES) {
            throw wrong(file, new IllegalArgumentException(bytes.length + " bytes"));
        }
        return new SealingKey(new SecretKeySpec(bytes, "AES"));
    }

    private static IOException wrong(Path file, Throwable cause) {
        return new IOException(
                "key_file " + file + " is no key, expected 32 random bytes in base64, as of head -c 32 /dev/urandom |"
                        + " base64",
                cause);
    }

    /** @param context what has to be the same when it is opened */
    byte[] seal(byte[] plain, byte[] context) {
        var nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            var cipher = cipher(Cipher.ENCRYPT_MODE, nonce, context);
            var sealed = cipher.doFinal(plain);
            return ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    /** @throws IOException if it was not sealed by this key, or not in this context, or was changed */
    byte[] open(byte[] sealed, byte[] context) throws IOException {
        if (sealed.length < NONCE_BYTES) {
            throw new IOException("it is cut short");
        }
        var nonce = new byte[NONCE_BYTES];
        var buffer = ByteBuffer.wrap(sealed).get(nonce);
        var rest = new byte[buffer.remaining()];
        buffer.get(rest);
        try {
            return cipher(Cipher.DECRYPT_MODE, nonce, context).doFinal(rest);
        } catch (AEADBadTagException e) {
            throw new IOException("it was sealed by another key, for another trust domain, or was changed", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("it cannot be opened: " + e.getMessage(), e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] context) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        return cipher;
    }
}
