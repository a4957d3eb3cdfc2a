// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.nio.file.Path;

/**
 * What is to stand in a file.
 *
 * @param text written as UTF-8; may be a private key
 * @param mode exactly, whatever the umask
 */
public record FileContent(Path file, String text, FileMode mode) {
    /** Without the text, which may be a secret. */
    @Override
    public String toString() {
        return "FileContent[file=%s, mode=%s]".formatted(file, mode);
    }
}
