// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes files that are not in their place yet. */
final class FreshFile {
    private FreshFile() {}

    /**
     * Makes a file that nobody but us may read until it is whole, on the disk and in the right hands.
     *
     * @param before the file that it is to replace, if that is there
     */
    static void write(Path fresh, FileContent content, Ownership ownership, Path before) throws IOException {
        var onlyOurs = PosixFilePermissions.asFileAttribute(FileMode.PRIVATE.permissions());
        try (var channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), onlyOurs)) {
            var bytes = ByteBuffer.wrap(content.bytes());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        ownership.apply(fresh, before);
        Files.setPosixFilePermissions(fresh, content.mode().permissions());
    }

    /** Has the names in a folder written to the disk. */
    static void sync(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
