// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.ssh;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** Takes values off the front of bytes, as RFC 4251 section 5 writes them. All fail with IllegalArgumentException at the end. */
final class SshReader {
    private final ByteString bytes;
    private int at;

    SshReader(ByteString bytes) {
        this.bytes = bytes;
    }

    /** With a length of four bytes in front. */
    ByteString string() {
        long length = Integer.toUnsignedLong(uint32());
        if (length > bytes.size() - at) {
            throw new IllegalArgumentException("a value of " + length + " bytes was found before the last "
                    + (bytes.size() - at) + " bytes, expected one that ends with them");
        }
        return take((int) length);
    }

    String text() {
        return string().toStringUtf8();
    }

    int uint32() {
        return take(Integer.BYTES).asReadOnlyByteBuffer().getInt();
    }

    long uint64() {
        return take(Long.BYTES).asReadOnlyByteBuffer().getLong();
    }

    private ByteString take(int size) {
        if (size > bytes.size() - at) {
            throw new IllegalArgumentException("the data ends early");
        }
        at += size;
        return bytes.substring(at - size, at);
    }

    /** How many bytes have been taken. */
    int position() {
        return at;
    }

    boolean isAtEnd() {
        return at == bytes.size();
    }

    /** All strings up to the end. */
    List<String> texts() {
        var texts = new ArrayList<String>();
        while (!isAtEnd()) {
            texts.add(text());
        }
        return texts;
    }
}
