// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Replaces files so that a reader of one sees the old or the new one, never a part. All of a set are written beside their
 * places before the first is moved into its own, so that a full disk changes nothing; who reads several of them while they
 * are moved may see some old and some new. One writer at a time for each file.
 */
public final class AtomicFiles {
    private record Staged(Path fresh, Path place) {}

    private AtomicFiles() {}

    /**
     * Writes the files and moves them into place in the order given. A symbolic link stays and its target is replaced, unless
     * the files are given to somebody and the link is not ours alone.
     */
    public static void write(List<FileContent> files, Ownership ownership) throws DeliveryException {
        var staged = new ArrayList<Staged>();
        try {
            for (var file : files) {
                stage(file, ownership, staged);
            }
            for (var each : staged) {
                move(each);
            }
        } catch (DeliveryException | RuntimeException e) {
            staged.forEach(each -> discard(each, e));
            throw e;
        }
    }

    /** Removes what a writer that was killed has left beside this file, which may be a private key. */
    public static void clear(Path file) throws DeliveryException {
        try {
            Files.deleteIfExists(beside(Links.follow(file, Ownership.AS_BEFORE)));
        } catch (IOException e) {
            throw DeliveryException.notWritten(file, "what was left beside it cannot be deleted: " + e, e);
        }
    }

    /** Notes the fresh file before it exists, so that no half of it is left if something fails. */
    private static void stage(FileContent content, Ownership ownership, List<Staged> staged) throws DeliveryException {
        try {
            var place = Links.follow(content.file(), ownership);
            var fresh = beside(place);
            staged.add(new Staged(fresh, place));
            Files.deleteIfExists(fresh);
            FreshFile.write(fresh, content, ownership, place);
        } catch (NoSuchFileException e) {
            throw DeliveryException.notWritten(
                    content.file(), "its folder does not exist; make it or change cert_dir", e);
        } catch (IOException e) {
            throw DeliveryException.notWritten(content.file(), e.toString(), e);
        }
    }

    static Path beside(Path place) {
        return place.resolveSibling("." + place.getFileName() + ".new");
    }

    private static void move(Staged staged) throws DeliveryException {
        try {
            Files.move(
                    staged.fresh(),
                    staged.place(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw DeliveryException.notWritten(staged.place(), e.toString(), e);
        }
    }

    /** What went wrong first is what is told: it is mostly why this fails as well. */
    private static void discard(Staged staged, Exception why) {
        try {
            Files.deleteIfExists(staged.fresh());
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}
