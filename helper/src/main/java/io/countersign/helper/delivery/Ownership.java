// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose the files are. Where nothing is said, whoever owns the file that is there goes on owning it.
 *
 * @param owner the name of a user, or a number
 * @param group the name of a group, or a number
 */
public record Ownership(Optional<String> owner, Optional<String> group) {
    public static final Ownership AS_BEFORE = new Ownership(Optional.empty(), Optional.empty());

    private static final Logger log = LoggerFactory.getLogger(Ownership.class);

    private interface Giving {
        void to(String name) throws IOException;
    }

    /**
     * Gives a fresh file, which only we may read yet, to its group.
     *
     * @param before the file that it replaces, if it is there
     * @throws IOException if there is no such group, or we may not give files to it
     */
    void giveGroup(Path fresh, Path before) throws IOException {
        if (group.isPresent()) {
            give("group", group.get(), name -> view(fresh).setGroup(names(fresh).lookupPrincipalByGroupName(name)));
        } else {
            keep("unix:gid", fresh, before);
        }
    }

    /** As {@link #giveGroup}, to its owner. */
    void giveOwner(Path fresh, Path before) throws IOException {
        if (owner.isPresent()) {
            give("owner", owner.get(), name -> view(fresh).setOwner(names(fresh).lookupPrincipalByName(name)));
        } else {
            keep("unix:uid", fresh, before);
        }
    }

    private static PosixFileAttributeView view(Path file) {
        return Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static UserPrincipalLookupService names(Path file) {
        return file.getFileSystem().getUserPrincipalLookupService();
    }

    private static void give(String what, String name, Giving giving) throws IOException {
        try {
            giving.to(name);
        } catch (UserPrincipalNotFoundException e) {
            throw new IOException("%s \"%s\" is not known on this machine".formatted(what, name), e);
        } catch (IOException e) {
            throw new IOException(
                    "it cannot be given to %s \"%s\"; run the helper as root, or as that user and a member of the group"
                            .formatted(what, name),
                    e);
        }
    }

    /** Somebody may have given the file to the program that reads it; the original, which writes in place, keeps that. */
    private static void keep(String whose, Path fresh, Path before) throws IOException {
        if (!Files.exists(before)) {
            return;
        }
        var old = Files.getAttribute(before, whose);
        if (old.equals(Files.getAttribute(fresh, whose, LinkOption.NOFOLLOW_LINKS))) {
            return;
        }
        try {
            Files.setAttribute(fresh, whose, old, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            // a new file in our own name is better than one that ends
            log.atWarn()
                    .addKeyValue("file", before)
                    .addKeyValue("error", e.getMessage())
                    .log("{} {} cannot be kept; run the helper as root, or give it that group", whose, old);
        }
    }
}
