// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.ssh;

import com.google.protobuf.ByteString;

/** @param format the algorithm's name in SSH, such as {@code rsa-sha2-512} */
public record SshSignature(String format, ByteString blob) {
    /** @throws IllegalArgumentException if it is malformed */
    static SshSignature parse(ByteString bytes) {
        var reader = new SshReader(bytes);
        var signature = new SshSignature(reader.text(), reader.string());
        if (!reader.isAtEnd()) {
            throw new IllegalArgumentException("there is something behind the signature");
        }
        return signature;
    }
}
