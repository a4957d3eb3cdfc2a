// SPDX-License-Identifier: Apache-2.0
package io.countersign.image;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The files of one folder, packed. Everything belongs to root, is as old as it is said to be and stands in the order of its
 * name, and of permissions only two things count: whether a file can be executed, and whether everybody may write into a
 * folder, as into {@code /tmp}. So equal files make equal layers, whoever builds them.
 *
 * @param file packed with gzip
 * @param digest of the file
 * @param diffId digest of what is packed
 */
record Layer(Path file, String digest, String diffId) {
    private static final int EXECUTABLE = 0111;
    private static final int STICKY = 01000;
    private static final int FOLDER = 0755;
    private static final int SHARED_FOLDER = 01777;
    private static final int LINK = 0777;
    private static final int PROGRAM = 0755;
    private static final int DATA = 0644;

    /** @param time the age of all files */
    static Layer pack(Path folder, Path file, Instant time) throws IOException {
        var packed = Digest.begin();
        var plain = Digest.begin();
        try (var bytes = new BufferedOutputStream(Files.newOutputStream(file));
                var gzip = new GZIPOutputStream(packed.before(bytes));
                var tar = new TarArchiveOutputStream(plain.before(gzip), "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (var path : paths(folder)) {
                add(tar, folder.relativize(path).toString(), path, time);
            }
        }
        return new Layer(file, packed.hex(), plain.hex());
    }

    /** One that was packed before. */
    static Layer packed(Path file) throws IOException {
        var packed = Digest.begin();
        var plain = Digest.begin();
        Files.copy(file, packed.before(OutputStream.nullOutputStream()));
        try (var gzip = new GZIPInputStream(Files.newInputStream(file))) {
            gzip.transferTo(plain.before(OutputStream.nullOutputStream()));
        }
        return new Layer(file, packed.hex(), plain.hex());
    }

    private static List<Path> paths(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(path -> !path.equals(folder)).sorted().toList();
        }
    }

    private static void add(TarArchiveOutputStream tar, String name, Path path, Instant time) throws IOException {
        var mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (Files.isSymbolicLink(path)) {
            var entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
            entry.setMode(LINK);
            entry.setLinkName(Files.readSymbolicLink(path).toString());
            put(tar, entry, time);
        } else if (Files.isDirectory(path)) {
            var entry = new TarArchiveEntry(name + "/");
            entry.setMode((mode & STICKY) == 0 ? FOLDER : SHARED_FOLDER);
            put(tar, entry, time);
        } else {
            var entry = new TarArchiveEntry(name);
            entry.setMode((mode & EXECUTABLE) == 0 ? DATA : PROGRAM);
            entry.setSize(Files.size(path));
            entry.setModTime(time.toEpochMilli());
            tar.putArchiveEntry(entry);
            Files.copy(path, tar);
            tar.closeArchiveEntry();
        }
    }

    private static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, Instant time) throws IOException {
        entry.setModTime(time.toEpochMilli());
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }
}
