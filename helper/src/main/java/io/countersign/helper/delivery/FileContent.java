// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What is to stand in a file; it may be a private key. Its mode is given exactly, whatever the umask. */
public final class FileContent {
    private final Path file;
    private final byte[] bytes;
    private final FileMode mode;

    private FileContent(Path file, byte[] bytes, FileMode mode) {
        this.file = file;
        this.bytes = bytes;
        this.mode = mode;
    }

    /** Written as UTF-8. */
    public static FileContent of(Path file, String text, FileMode mode) {
        return new FileContent(file, text.getBytes(StandardCharsets.UTF_8), mode);
    }

    public static FileContent of(Path file, byte[] bytes, FileMode mode) {
        return new FileContent(file, bytes.clone(), mode);
    }

    public Path file() {
        return file;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public FileMode mode() {
        return mode;
    }

    /** Without the bytes, which may be a secret. */
    @Override
    public String toString() {
        return "FileContent[file=%s, mode=%s]".formatted(file, mode);
    }
}
