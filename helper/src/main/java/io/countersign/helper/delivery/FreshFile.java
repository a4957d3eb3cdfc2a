// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
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
        ownership.giveGroup(fresh, before);
        mode(fresh, content.mode());
        // the last, since what is somebody else's we may not be allowed to change
        ownership.giveOwner(fresh, before);
    }

    /**
     * Whoever may write the folder can put a link in the place of what we have just made. Java 25 follows it when the mode is
     * set by the path, even if it is told not to; by the open folder it does not.
     *
     * @throws IOException if it is a link; its target keeps its mode
     */
    static void mode(Path file, FileMode mode) throws IOException {
        try (var folder = Files.newDirectoryStream(file.resolveSibling(""))) {
            if (!(folder instanceof SecureDirectoryStream<Path> open)) {
                throw new IOException("the system cannot set the mode of " + file + " without following links");
            }
            open.getFileAttributeView(file.getFileName(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setPermissions(mode.permissions());
        }
    }

    /** Has the names in a folder written to the disk. */
    static void sync(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
