// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/** A PKCS#12 key store (RFC 7292) and the password that opens it, which is read each time it is needed. */
public record KeyStoreFile(X509File.Pkcs12 file) {
    private static final String TYPE = "PKCS12";

    /** @param chain of the key, the leaf first */
    byte[] encode(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> authorities)
            throws DeliveryException {
        var password = password();
        try {
            var store = KeyStore.getInstance(TYPE);
            store.load(null, password);
            store.setKeyEntry(file.alias(), key, password, chain.toArray(X509Certificate[]::new));
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + (i + 1), authorities.get(i));
            }
            var bytes = new ByteArrayOutputStream();
            store.store(bytes, password);
            return bytes.toByteArray();
        } catch (GeneralSecurityException | IOException e) {
            throw DeliveryException.notWritten(file.path(), e.toString(), e);
        } finally {
            Arrays.fill(password, ' ');
        }
    }

    /**
     * Opens what is on the disk.
     *
     * @throws DeliveryException if it is none, or the password does not open it
     */
    public KeyStore open() throws DeliveryException {
        var password = password();
        try {
            var store = KeyStore.getInstance(TYPE);
            store.load(new ByteArrayInputStream(Files.readAllBytes(file.path())), password);
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new DeliveryException(file.path() + " cannot be opened: " + e.getMessage(), e);
        } finally {
            Arrays.fill(password, ' ');
        }
    }

    /**
     * The certificate of its key, as it is on the disk.
     *
     * @throws DeliveryException if it cannot be opened or has no such key
     */
    public X509Certificate leaf() throws DeliveryException {
        try {
            if (open().getCertificate(file.alias()) instanceof X509Certificate leaf) {
                return leaf;
            }
        } catch (KeyStoreException e) {
            throw new DeliveryException(file.path() + " cannot be read: " + e.getMessage(), e);
        }
        throw new DeliveryException(file.path() + " has no certificate with the alias \"" + file.alias() + "\"");
    }

    /** The first line of its file. */
    public char[] password() throws DeliveryException {
        return firstLine(file.password());
    }

    private static char[] firstLine(Path file) throws DeliveryException {
        try {
            var line = Files.readString(file).lines().findFirst().orElse("");
            if (line.isEmpty()) {
                throw new DeliveryException(file + " is empty, expected a password in its first line");
            }
            return line.toCharArray();
        } catch (IOException e) {
            throw new DeliveryException(file + " cannot be read, expected a password in its first line: " + e, e);
        }
    }
}
