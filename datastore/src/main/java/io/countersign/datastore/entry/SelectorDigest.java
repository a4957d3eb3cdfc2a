// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import io.countersign.datastore.Selector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/** A set of selectors as one short text: equal sets give equal texts, whatever characters they hold. */
final class SelectorDigest {
    private SelectorDigest() {}

    static String of(Set<Selector> selectors) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            selectors.stream().sorted().forEach(selector -> {
                add(digest, selector.type());
                add(digest, selector.value());
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static void add(MessageDigest digest, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }
}
