// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** HTTP/2 as bytes, put together without a library that would refuse what no client may send. */
final class Http2Bytes {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private static final int LARGEST = 16_384;
    private static final int NAME_OF_STATUS = 8;
    private static final Map<Integer, String> KNOWN_STATUS =
            Map.of(0x88, "200", 0x89, "204", 0x8a, "206", 0x8b, "304", 0x8c, "400", 0x8d, "404", 0x8e, "500");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** What a connection begins with. */
    static Http2Bytes begin() {
        var bytes = new Http2Bytes();
        bytes.out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return bytes.frame(SETTINGS, 0, 0, new byte[0]);
    }

    static Http2Bytes more() {
        return new Http2Bytes();
    }

    /**
     * A frame that has come.
     *
     * @param payload a letter for each byte
     */
    record Frame(int type, int flags, int stream, String payload) {
        /** The first status in a block of headers, if it is written as both sidecars write it. */
        Optional<String> status() {
            int at = 0;
            while (at < payload.length() && (payload.charAt(at) & 0xe0) == 0x20) {
                at++;
            }
            int first = payload.charAt(at);
            if (KNOWN_STATUS.containsKey(first)) {
                return Optional.of(KNOWN_STATUS.get(first));
            }
            int index = (first & 0xc0) == 0x40 ? first & 0x3f : first & 0x0f;
            if (index != NAME_OF_STATUS || first >= 0x80) {
                return Optional.empty();
            }
            int length = payload.charAt(at + 1) & 0x7f;
            boolean huffman = payload.charAt(at + 1) > 0x7f;
            return Optional.of(
                    huffman ? digits(payload.substring(at + 2)) : payload.substring(at + 2, at + 2 + length));
        }

        int error() {
            int at = type == GOAWAY ? 4 : 0;
            return payload.charAt(at + 3);
        }
    }

    /** Three digits in the code of RFC 7541, appendix B: 0 to 2 have five bits, the others six. */
    private static String digits(String code) {
        long bits = 0;
        for (int i = 0; i < 3; i++) {
            bits = (bits << 8) | (i < code.length() ? code.charAt(i) : 0xff);
        }
        var digits = new StringBuilder();
        int left = 24;
        while (digits.length() < 3) {
            int five = (int) (bits >> (left - 5) & 0x1f);
            int six = (int) (bits >> (left - 6) & 0x3f);
            digits.append(five < 3 ? five : six - 0x19 + 3);
            left -= five < 3 ? 5 : 6;
        }
        return digits.toString();
    }

    /** Waits for a frame; throws what the connection throws when there is none. */
    static Frame read(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        return new Frame(type, flags, stream, new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
    }

    Http2Bytes frame(int type, int flags, int stream, byte[] payload) {
        out.write(payload.length >> 16);
        out.write(payload.length >> 8);
        out.write(payload.length);
        out.write(type);
        out.write(flags);
        number(stream);
        out.writeBytes(payload);
        return this;
    }

    private void number(int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(value >> shift);
        }
    }

    /** A head, in as many frames as it takes. */
    Http2Bytes head(int stream, boolean end, String... namesAndValues) {
        byte[] block = block(namesAndValues);
        int endStream = end ? END_STREAM : 0;
        for (int from = 0; from == 0 || from < block.length; from += LARGEST) {
            int to = Math.min(block.length, from + LARGEST);
            boolean last = to == block.length;
            frame(
                    from == 0 ? HEADERS : CONTINUATION,
                    (from == 0 ? endStream : 0) | (last ? END_HEADERS : 0),
                    stream,
                    Arrays.copyOfRange(block, from, to));
        }
        return this;
    }

    Http2Bytes data(int stream, boolean end, String text) {
        return frame(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Http2Bytes reset(int stream) {
        return frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
    }

    /** Literal fields, without index and without Huffman's code. */
    static byte[] block(String... namesAndValues) {
        var block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            text(block, namesAndValues[i]);
            text(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 0x7f) {
            block.write(bytes.length);
        } else {
            block.write(0x7f);
            int rest = bytes.length - 0x7f;
            for (; rest >= 0x80; rest >>= 7) {
                block.write((rest & 0x7f) | 0x80);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /** A letter for each byte. */
    String letters() {
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
