// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces all files of a folder in one step, in the way that Kubernetes mounts secrets: each state is a folder of its own,
 * the link {@code ..data} leads to the newest, and the names that readers know lead through it. A reader that looks up where
 * {@code ..data} leads once, and opens the files there, sees one state. The states before stay a while for those who are
 * reading. One writer at a time for each folder.
 */
public final class Generations {
    /** Leads to the newest state. */
    public static final String NEWEST = "..data";

    private static final Logger log = LoggerFactory.getLogger(Generations.class);
    private static final String PREFIX = "..generation-";
    /** So many old states stay, and with them their private keys. */
    private static final int KEPT = 4;

    private static final FileMode FOR_ALL = new FileMode(0755);

    private final Path folder;

    public Generations(Path folder) {
        this.folder = folder;
    }

    /** Writes the files, all of which stand in the folder or in one below it, and lets them appear together. */
    public void write(List<FileContent> files, Ownership ownership) throws DeliveryException {
        try {
            replace(files, ownership);
        } catch (NoSuchFileException e) {
            throw DeliveryException.notWritten(folder, "it does not exist; make it or change cert_dir", e);
        } catch (IOException e) {
            throw DeliveryException.notWritten(folder, e.toString(), e);
        }
    }

    private void replace(List<FileContent> files, Ownership ownership) throws IOException {
        // one is left free for what is there before the first
        long number = numbers().stream().max(Comparator.naturalOrder()).orElse(0L) + 2;
        var fresh = generation(number);
        var names = new HashSet<String>();
        try {
            create(fresh);
            for (var file : files) {
                var name = folder.relativize(file.file());
                names.add(name.getName(0).toString());
                createFolders(fresh, name);
                FreshFile.write(
                        fresh.resolve(name),
                        file,
                        ownership,
                        folder.resolve(NEWEST).resolve(name));
            }
            open(fresh);
            adopt(names, number);
            for (var name : names) {
                link(name, NEWEST + "/" + name);
            }
            link(NEWEST, String.valueOf(fresh.getFileName()));
        } catch (IOException e) {
            discard(number, e);
            throw e;
        }
        tidy(names);
    }

    /** Unless it is the newest already, and only the disk may not know yet: a stop comes at any moment. */
    private void discard(long number, IOException why) {
        try {
            if (!newest().equals(OptionalLong.of(number))) {
                delete(generation(number));
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private static void create(Path fresh) throws IOException {
        Files.createDirectory(
                fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static void createFolders(Path fresh, Path name) throws IOException {
        for (int parts = 1; parts < name.getNameCount(); parts++) {
            var inner = fresh.resolve(name.subpath(0, parts));
            if (!Files.exists(inner)) {
                create(inner);
            }
        }
    }

    /** Lets others in; each file has its own mode. */
    private static void open(Path fresh) throws IOException {
        try (var all = Files.walk(fresh)) {
            for (var inner : all.filter(each -> Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                FreshFile.mode(inner, FOR_ALL);
                FreshFile.sync(inner);
            }
        }
    }

    /** Makes files that were there before into a state of their own, so that the first step is one step as well. */
    private void adopt(Set<String> names, long number) throws IOException {
        var newest = folder.resolve(NEWEST);
        if (Files.exists(newest, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        var old = names.stream()
                .map(folder::resolve)
                .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .toList();
        if (old.isEmpty()) {
            return;
        }
        var before = generation(number - 1);
        create(before);
        for (var file : old) {
            Files.createLink(before.resolve(file.getFileName()), file);
        }
        open(before);
        link(NEWEST, String.valueOf(before.getFileName()));
    }

    /** Lets a name lead somewhere else in one step. */
    private void link(String name, String target) throws IOException {
        var place = folder.resolve(name);
        if (Files.isSymbolicLink(place)) {
            var now = Files.readSymbolicLink(place).toString();
            if (now.equals(target)) {
                return;
            }
            if (!name.equals(NEWEST)) {
                throw new IOException(
                        "%s is a link to %s; remove it, since with together files appear as links of our own"
                                .formatted(place, now));
            }
        } else if (Files.isDirectory(place)) {
            throw new IOException(place + " is a folder, expected nothing or a file; move it away");
        }
        var fresh = AtomicFiles.beside(place);
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, Path.of(target));
        Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        FreshFile.sync(folder);
    }

    private void tidy(Set<String> names) {
        try {
            for (long number : numbers().stream()
                    .sorted(Comparator.reverseOrder())
                    .skip(1 + KEPT)
                    .toList()) {
                delete(generation(number));
            }
            for (var entry : entries()) {
                var name = String.valueOf(entry.getFileName());
                if (leadsToNewest(entry) && !names.contains(name)) {
                    Files.delete(entry);
                }
            }
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("folder", folder)
                    .addKeyValue("error", e.toString())
                    .log("files of an earlier state cannot be deleted, delete them");
        }
    }

    private static boolean leadsToNewest(Path entry) throws IOException {
        return Files.isSymbolicLink(entry) && Files.readSymbolicLink(entry).startsWith(NEWEST);
    }

    /** Removes what a writer that was killed has left: states that never became the newest, and links on their way. */
    public void clear() throws DeliveryException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try {
            var newest = newest();
            for (long number : numbers()) {
                if (newest.isEmpty() || number > newest.getAsLong()) {
                    delete(generation(number));
                }
            }
            for (var entry : entries()) {
                if (Files.isSymbolicLink(entry)
                        && entry.getFileName().toString().endsWith(".new")
                        && Files.readSymbolicLink(entry).toString().startsWith("..")) {
                    Files.delete(entry);
                }
            }
        } catch (IOException e) {
            throw DeliveryException.notWritten(folder, "what was left there cannot be deleted: " + e, e);
        }
    }

    private OptionalLong newest() throws IOException {
        var link = folder.resolve(NEWEST);
        return Files.isSymbolicLink(link)
                ? OptionalLong.of(number(Files.readSymbolicLink(link).toString()))
                : OptionalLong.empty();
    }

    private List<Long> numbers() throws IOException {
        return entries().stream()
                .map(entry -> number(String.valueOf(entry.getFileName())))
                .filter(number -> number >= 0)
                .toList();
    }

    /** Negative for a name that is not ours. */
    private static long number(String name) {
        try {
            return name.startsWith(PREFIX) ? Long.parseLong(name.substring(PREFIX.length())) : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private List<Path> entries() throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private Path generation(long number) {
        return folder.resolve(PREFIX + number);
    }

    private static void delete(Path generation) throws IOException {
        if (Files.exists(generation)) {
            try (var all = Files.walk(generation)) {
                for (var each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
