// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {
    private static final int LONG = 200_000;

    @TempDir
    private Path folder;

    private static void write(Path file, String text, int mode) throws DeliveryException {
        AtomicFiles.write(List.of(FileContent.of(file, text, new FileMode(mode))), Ownership.AS_BEFORE);
    }

    @Test
    void readerNeverSeesHalfAFile() throws Exception {
        var file = folder.resolve("svid.pem");
        write(file, "a".repeat(LONG), 0644);
        var reading = new CountDownLatch(1);
        var done = new CountDownLatch(1);
        var seen = CompletableFuture.supplyAsync(() -> {
            var kinds = new HashSet<String>();
            while (done.getCount() > 0) {
                try {
                    var text = Files.readString(file);
                    kinds.add(text.length() + " " + text.chars().distinct().count());
                } catch (IOException e) {
                    kinds.add(e.toString());
                }
                reading.countDown();
            }
            return kinds;
        });
        reading.await();

        for (int i = 0; i < 200; i++) {
            write(file, (i % 2 == 0 ? "b" : "a").repeat(LONG), 0644);
        }
        done.countDown();

        assertEquals(new HashSet<>(List.of(LONG + " 1")), seen.get());
    }

    @Test
    void modeIsExactlyTheOneAskedForAlsoOfAFileThatWasThere() throws Exception {
        var file = folder.resolve("key.pem");
        Files.writeString(file, "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

        write(file, "new", 0600);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));

        write(file, "new", 0462);
        assertEquals("r--rw--w-", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void ifOneFileOfASetCannotBeWrittenNoneIs() throws Exception {
        var good = folder.resolve("svid.pem");
        write(good, "old", 0644);
        var set = List.of(
                FileContent.of(good, "new", FileMode.PUBLIC),
                FileContent.of(folder.resolve("missing/key.pem"), "new", FileMode.PRIVATE));

        var failure = assertThrows(DeliveryException.class, () -> AtomicFiles.write(set, Ownership.AS_BEFORE));

        assertTrue(String.valueOf(failure.getMessage()).contains("missing/key.pem cannot be written: its folder"));
        assertEquals("old", Files.readString(good));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(good), files.toList());
        }
    }

    @Test
    void symbolicLinkStaysAndItsTargetIsReplaced() throws Exception {
        var target = Files.createDirectory(folder.resolve("real")).resolve("svid.pem");
        var link = Files.createSymbolicLink(folder.resolve("link.pem"), Path.of("real/svid.pem"));

        write(link, "new", 0644);

        assertTrue(Files.isSymbolicLink(link));
        assertFalse(Files.isSymbolicLink(target));
        assertEquals("new", Files.readString(target));
    }

    @Test
    void nothingIsGivenAwayWhereTheLinkOfSomebodyElseLeads() throws Exception {
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
        var target = folder.resolve("target");
        var link = Files.createSymbolicLink(folder.resolve("svid.pem"), target);
        var files = List.of(FileContent.of(link, "new", FileMode.PUBLIC));
        var owner = new Ownership(Optional.of("4711"), Optional.empty());
        Files.setAttribute(link, "unix:uid", 4711, LinkOption.NOFOLLOW_LINKS);

        var failure = assertThrows(DeliveryException.class, () -> AtomicFiles.write(files, owner));

        assertTrue(
                String.valueOf(failure.getMessage()).contains("svid.pem is somebody else's link"), failure::toString);
        assertFalse(Files.exists(target));

        // ours, but anybody may put another one there
        Files.setAttribute(link, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(DeliveryException.class, () -> AtomicFiles.write(files, owner));
        assertFalse(Files.exists(target));

        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        AtomicFiles.write(files, owner);
        assertEquals("new", Files.readString(target));
        assertEquals(4711, Files.getAttribute(target, "unix:uid"));
    }

    @Test
    void whatWentWrongFirstIsTold() throws Exception {
        var file = folder.resolve("svid.pem");
        var inTheWay = Files.createDirectory(folder.resolve(".svid.pem.new"));
        Files.createFile(inTheWay.resolve("so that it cannot be deleted"));

        var failure = assertThrows(DeliveryException.class, () -> write(file, "new", 0644));

        assertTrue(
                String.valueOf(failure.getMessage()).contains("svid.pem cannot be written: java.nio.file.Directory"),
                failure::toString);
    }

    @Test
    void ownerOfTheFileIsKept() throws Exception {
        var file = folder.resolve("key.pem");
        Files.writeString(file, "old");
        assumeTrue(Files.getAttribute(file, "unix:uid").equals(0), "needs root");
        Files.setAttribute(file, "unix:uid", 4711);
        Files.setAttribute(file, "unix:gid", 4712);

        write(file, "new", 0600);

        assertEquals("new", Files.readString(file));
        assertEquals(4711, Files.getAttribute(file, "unix:uid"));
        assertEquals(4712, Files.getAttribute(file, "unix:gid"));
    }
}
