// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.postgres;

import io.countersign.stack.StackException;
import io.countersign.stack.layout.Folders;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs, unpacked once into a folder that every user may read. */
public final class PostgresBinaries {
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
    private static final int EXECUTABLE = 0111;

    private PostgresBinaries() {}

    /** The folder with bin, lib and share in it. */
    public static Path unpack(Path parent) throws IOException {
        var version = PostgresBinaries.class.getPackage().getImplementationVersion();
        var folder = parent.resolve("postgresql-" + (version == null ? "dev" : version));
        if (Files.exists(folder)) {
            return folder;
        }
        var next = parent.resolve("postgresql.next");
        Folders.delete(next);
        try (var archive = PostgresBinaries.class.getResourceAsStream(ARCHIVE)) {
            if (archive == null) {
                throw new StackException("PostgreSQL's programs are not on the class path; build with mvn package");
            }
            extract(new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive))), next);
        }
        Files.move(next, folder, StandardCopyOption.ATOMIC_MOVE);
        return folder;
    }

    private static void extract(TarArchiveInputStream tar, Path folder) throws IOException {
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            var target = folder.resolve(entry.getName()).normalize();
            if (!target.startsWith(folder)) {
                throw new StackException("PostgreSQL's archive holds \"" + entry.getName() + "\", outside its folder");
            }
            if (entry.isDirectory()) {
                directories(target);
                continue;
            }
            var parent = target.getParent();
            if (parent != null) {
                directories(parent);
            }
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            } else {
                Files.copy(tar, target);
                boolean executable = (entry.getMode() & EXECUTABLE) != 0;
                Files.setPosixFilePermissions(
                        target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    private static void directories(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }
}
