// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces files so that a reader sees the old or the new one, never a part. All of a set are written beside their places
 * before the first is moved into its own, so that a full disk changes nothing. One writer at a time for each file.
 */
public final class AtomicFiles {
    private static final Logger log = LoggerFactory.getLogger(AtomicFiles.class);
    private static final int MOST_LINKS = 40;

    private record Staged(Path fresh, Path place) {}

    private AtomicFiles() {}

    /** Writes the files and moves them into place in the order given. A symbolic link stays and its target is replaced. */
    public static void write(List<FileContent> files) throws DeliveryException {
        var staged = new ArrayList<Staged>();
        try {
            for (var file : files) {
                stage(file, staged);
            }
            for (var each : staged) {
                move(each);
            }
        } finally {
            staged.forEach(AtomicFiles::discard);
        }
    }

    /** Notes the fresh file before it exists, so that no half of it is left if something fails. */
    private static void stage(FileContent content, List<Staged> staged) throws DeliveryException {
        try {
            var place = followLinks(content.file());
            var fresh = place.resolveSibling("." + place.getFileName() + ".new");
            staged.add(new Staged(fresh, place));
            Files.deleteIfExists(fresh);
            write(fresh, content.text());
            keepOwner(place, fresh);
            Files.setPosixFilePermissions(fresh, content.mode().permissions());
        } catch (NoSuchFileException e) {
            throw failure(content.file(), "its folder does not exist; make it or change cert_dir", e);
        } catch (IOException e) {
            throw failure(content.file(), e.toString(), e);
        }
    }

    private static void write(Path fresh, String text) throws IOException {
        var onlyOurs = PosixFilePermissions.asFileAttribute(FileMode.PRIVATE.permissions());
        try (var channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), onlyOurs)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** Somebody may have given the file to the program that reads it; the original, which writes in place, keeps that. */
    private static void keepOwner(Path place, Path fresh) throws IOException {
        if (Files.exists(place)) {
            for (var owner : List.of("unix:uid", "unix:gid")) {
                var before = Files.getAttribute(place, owner, LinkOption.NOFOLLOW_LINKS);
                if (!before.equals(Files.getAttribute(fresh, owner, LinkOption.NOFOLLOW_LINKS))) {
                    give(fresh, owner, before, place);
                }
            }
        }
    }

    /** A new file in our own name is better than one that ends. */
    private static void give(Path fresh, String owner, Object before, Path place) {
        try {
            Files.setAttribute(fresh, owner, before, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("file", place)
                    .addKeyValue("error", e.getMessage())
                    .log("{} {} cannot be kept; run the helper as root, or give it that group", owner, before);
        }
    }

    private static Path followLinks(Path file) throws IOException {
        var place = file;
        for (int i = 0; Files.isSymbolicLink(place); i++) {
            if (i == MOST_LINKS) {
                throw new IOException("more than " + MOST_LINKS + " symbolic links in a row");
            }
            place = place.resolveSibling(Files.readSymbolicLink(place));
        }
        return place;
    }

    private static void move(Staged staged) throws DeliveryException {
        try {
            Files.move(
                    staged.fresh(),
                    staged.place(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failure(staged.place(), e.toString(), e);
        }
    }

    private static void discard(Staged staged) {
        try {
            Files.deleteIfExists(staged.fresh());
        } catch (IOException e) {
            throw new IllegalStateException(staged.fresh() + " cannot be deleted, delete it: " + e, e);
        }
    }

    private static DeliveryException failure(Path file, String why, IOException cause) {
        return new DeliveryException("%s cannot be written: %s".formatted(file, why), cause);
    }
}
