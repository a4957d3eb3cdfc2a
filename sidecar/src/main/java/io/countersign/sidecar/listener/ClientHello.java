// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.countersign.sidecar.bootstrap.ListenerConfig.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the first message of a TLS client (RFC 8446, section 4.1.2) without answering it. However many records a client cuts
 * it into, and however many packets these, every byte is looked at once. Lives on one event loop.
 */
final class ClientHello {
    /** With the heads of records, as with Envoy. */
    static final int MOST_BYTES = 1 << 16;

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;

    private final ByteBuffer recordHead = ByteBuffer.allocate(RECORD_HEADER);
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    /** Of the present record. */
    private int left;
    /** How much of the message must have come for it to say more than it has said. */
    private int wanted = MESSAGE_HEADER;

    /**
     * @param bytes what has come since this was last called
     * @return empty while that may become one; what is none is plain
     */
    Optional<FirstWords> read(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (left == 0) {
                recordHead.put(bytes.get());
                if (isNoRecord()) {
                    return Optional.of(FirstWords.PLAIN);
                }
                if (!recordHead.hasRemaining()) {
                    left = recordHead.getShort(3) & 0xffff;
                    recordHead.clear();
                }
            } else {
                byte[] fragment = new byte[Math.min(left, bytes.remaining())];
                bytes.get(fragment);
                left -= fragment.length;
                message.writeBytes(fragment);
                var words = whole();
                if (words.isPresent()) {
                    return words;
                }
            }
        }
        return Optional.empty();
    }

    private boolean isNoRecord() {
        return recordHead.get(0) != HANDSHAKE
                || (!recordHead.hasRemaining() && (recordHead.get(1) != 3 || recordHead.getShort(3) == 0));
    }

    private Optional<FirstWords> whole() {
        if (message.size() < wanted) {
            return Optional.empty();
        }
        var come = ByteBuffer.wrap(message.toByteArray());
        int header = come.getInt();
        int length = header & 0xffffff;
        if (header >>> 24 != CLIENT_HELLO || length > MOST_BYTES) {
            return Optional.of(FirstWords.PLAIN);
        }
        wanted = MESSAGE_HEADER + length;
        if (come.remaining() < length) {
            return Optional.empty();
        }
        try {
            return Optional.of(words(come.slice(MESSAGE_HEADER, length)));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // lengths that contradict each other
            return Optional.of(FirstWords.PLAIN);
        }
    }

    private static FirstWords words(ByteBuffer hello) {
        // version and random number
        hello.position(2 + 32);
        skip(hello, hello.get() & 0xff);
        skip(hello, hello.getShort() & 0xffff);
        skip(hello, hello.get() & 0xff);
        var name = "";
        List<String> protocols = List.of();
        if (hello.hasRemaining()) {
            var extensions = part(hello, hello.getShort() & 0xffff);
            while (extensions.hasRemaining()) {
                int type = extensions.getShort() & 0xffff;
                var extension = part(extensions, extensions.getShort() & 0xffff);
                if (type == SERVER_NAME) {
                    name = serverName(extension);
                } else if (type == ALPN) {
                    protocols = protocols(extension);
                }
            }
        }
        return new FirstWords(Transport.TLS, name, protocols);
    }

    private static void skip(ByteBuffer from, int length) {
        part(from, length);
    }

    private static ByteBuffer part(ByteBuffer from, int length) {
        var part = from.slice(from.position(), Math.min(length, from.remaining()));
        if (part.remaining() < length) {
            throw new BufferUnderflowException();
        }
        from.position(from.position() + length);
        return part;
    }

    /** The first of the kind that there is, a host's (RFC 6066, section 3). */
    private static String serverName(ByteBuffer extension) {
        var names = part(extension, extension.getShort() & 0xffff);
        while (names.hasRemaining()) {
            int kind = names.get();
            var name = part(names, names.getShort() & 0xffff);
            if (kind == 0) {
                return text(name).toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    private static List<String> protocols(ByteBuffer extension) {
        var names = part(extension, extension.getShort() & 0xffff);
        var result = new ArrayList<String>();
        while (names.hasRemaining()) {
            result.add(text(part(names, names.get() & 0xff)));
        }
        return result;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }
}
