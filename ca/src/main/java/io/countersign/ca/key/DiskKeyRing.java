// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.countersign.spiffe.x509.Der;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bouncycastle.jce.interfaces.ECPublicKey;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jce.spec.ECPublicKeySpec;

/**
 * Keys in the file that SPIRE's key manager {@code disk} writes: {@code {"keys": {"x509-CA-A": base64 of PKCS#8}}}, mode
 * 0600. The file is replaced as a whole, after it has reached the disk, and so has its name before a key counts as kept.
 */
public final class DiskKeyRing implements KeyRing {
    private static final String MEMBER = "keys";

    private final Path file;
    private final Map<String, KeyPair> keys;

    private DiskKeyRing(Path file, Map<String, KeyPair> keys) {
        this.file = file;
        this.keys = keys;
    }

    /** @throws IOException if the file is there and cannot be read or understood */
    public static DiskKeyRing open(Path file) throws IOException {
        var keys = new HashMap<String, KeyPair>();
        if (Files.exists(file)) {
            for (var entry : read(file).entrySet()) {
                keys.put(entry.getKey(), pair(file, entry.getKey(), String.valueOf(entry.getValue())));
            }
        }
        return new DiskKeyRing(file, keys);
    }

    @Override
    public synchronized KeyPair generate(String id, KeyType type) throws IOException {
        var pair = type.generate();
        var changed = new TreeMap<>(keys);
        changed.put(id, pair);
        write(changed);
        keys.put(id, pair);
        return pair;
    }

    @Override
    public synchronized Optional<KeyPair> find(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    private static Map<String, Object> read(Path file) throws IOException {
        try {
            var keys = JSONObjectUtils.getJSONObject(JSONObjectUtils.parse(Files.readString(file)), MEMBER);
            return keys == null ? Map.of() : keys;
        } catch (ParseException e) {
            throw new IOException("key file " + file + " is no json object with \"keys\": " + e.getMessage(), e);
        }
    }

    private static KeyPair pair(Path file, String id, String base64) throws IOException {
        try {
            var key = Der.parsePkcs8(Base64.getDecoder().decode(base64));
            return new KeyPair(publicHalf(key), key);
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new IOException("key \"" + id + "\" of " + file + " is no pkcs#8 key in base64", e);
        }
    }

    private static PublicKey publicHalf(PrivateKey key) throws GeneralSecurityException {
        return switch (key) {
            case RSAPrivateCrtKey rsa ->
                KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
            case ECPrivateKey ec -> publicPoint(ec);
            default -> throw new InvalidKeyException("a key of type " + key.getAlgorithm() + ", expected rsa or ec");
        };
    }

    /** The JDK knows no multiplication of points. */
    private static PublicKey publicPoint(ECPrivateKey key) throws GeneralSecurityException {
        var factory = KeyFactory.getInstance("EC", new BouncyCastleProvider());
        var own = (org.bouncycastle.jce.interfaces.ECPrivateKey) factory.translateKey(key);
        var curve = own.getParameters();
        var point = (ECPublicKey)
                factory.generatePublic(new ECPublicKeySpec(curve.getG().multiply(own.getD()), curve));
        return (PublicKey) KeyFactory.getInstance("EC").translateKey(point);
    }

    private void write(Map<String, KeyPair> changed) throws IOException {
        var encoded = new TreeMap<String, Object>();
        changed.forEach((id, pair) -> encoded.put(
                id, Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())));
        var bytes = JSONObjectUtils.toJSONString(Map.of(MEMBER, encoded)).getBytes(StandardCharsets.UTF_8);
        var next = file.resolveSibling(file.getFileName() + ".next");
        var folder = next.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.deleteIfExists(next);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel =
                FileChannel.open(next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        if (folder != null) {
            try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }
}
