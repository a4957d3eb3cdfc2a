// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a fresh file that somebody has exchanged for a link before it has its mode. */
final class FreshFileTest {
    @TempDir
    private Path folder;

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static void assertKept(Path target, Path link) throws IOException {
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));

        assertThrows(IOException.class, () -> FreshFile.mode(link, FileMode.PUBLIC));

        assertEquals("rwx------", mode(target));
    }

    @Test
    void whatALinkLeadsToKeepsItsMode() throws IOException {
        var file = Files.createFile(folder.resolve("shadow"));
        var inner = Files.createDirectory(folder.resolve("private"));

        assertKept(file, Files.createSymbolicLink(folder.resolve(".svid.pem.new"), file));
        assertKept(inner, Files.createSymbolicLink(folder.resolve("..generation-1"), inner));
    }

    @Test
    void filesAndFoldersGetTheirMode() throws IOException {
        var file = Files.createFile(folder.resolve("svid.pem"));
        var inner = Files.createDirectory(folder.resolve("trust"));

        FreshFile.mode(file, new FileMode(0462));
        FreshFile.mode(inner, new FileMode(0755));

        assertEquals("r--rw--w-", mode(file));
        assertEquals("rwxr-xr-x", mode(inner));
    }
}
