// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Symbolic links in the place of files. */
final class Links {
    private static final int MOST = 40;
    private static final int ROOT = 0;
    /** The bits of a mode that let group and others write. */
    private static final int OTHERS_WRITE = 0022;

    private Links() {}

    /**
     * Where a file is in truth.
     *
     * @throws IOException if that file would be given away, and somebody else can say which one it is: root would make him a
     *     file wherever he likes
     */
    static Path follow(Path file, Ownership ownership) throws IOException {
        var place = file;
        for (int i = 0; Files.isSymbolicLink(place); i++) {
            if (i == MOST) {
                throw new IOException("more than " + MOST + " symbolic links in a row");
            }
            if (!ownership.equals(Ownership.AS_BEFORE) && !onlyWeCanMake(place)) {
                throw new IOException(
                        place + " is somebody else's link or stands where others may write, and its target"
                                + " would be given away; name the target itself");
            }
            place = place.resolveSibling(Files.readSymbolicLink(place));
        }
        return place;
    }

    /** Whose link it is says nothing where somebody else may put another one in its place at any moment. */
    private static boolean onlyWeCanMake(Path link) throws IOException {
        var folder = link.resolveSibling("");
        boolean othersWrite = ((int) Files.getAttribute(folder, "unix:mode") & OTHERS_WRITE) != 0;
        return !othersWrite
                && isOurs(Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                && isOurs(Files.getAttribute(folder, "unix:uid"));
    }

    /** Root may do all that we may, whoever we are. */
    private static boolean isOurs(Object uid) throws IOException {
        return uid.equals(ROOT) || uid.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }
}
