// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The files that were written before the present one: its name, and the number of the last line in each. */
record OlderFiles(Path present) {
    static OlderFiles of(Path present) {
        return new OlderFiles(present);
    }

    /** Moves the present file to the older ones, if it is there. */
    void add(long lastNumber) throws IOException {
        if (Files.exists(present)) {
            Files.move(present, present.resolveSibling(present.getFileName() + "." + lastNumber));
        }
    }

    /** Has the disk remember names, too. */
    void sync() throws IOException {
        try (var folder = FileChannel.open(folder(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /**
     * Deletes the oldest.
     *
     * @param count how many stay; 0 for all
     */
    void keep(int count) throws IOException {
        var all = list();
        if (count > 0 && all.size() > count) {
            for (var old : all.subList(0, all.size() - count)) {
                Files.delete(old);
            }
        }
    }

    /** The last line of the newest: where the chain goes on if the process ended between two files. */
    Optional<ChainLine> lastLine() throws IOException {
        var all = list();
        return all.isEmpty() ? Optional.empty() : FileEnd.of(all.getLast()).lastLine();
    }

    /** The oldest first. */
    private List<Path> list() throws IOException {
        try (var files = Files.list(folder())) {
            return files.filter(file -> number(file).isPresent())
                    .sorted(Comparator.comparing(file -> number(file).orElseThrow()))
                    .toList();
        }
    }

    private Path folder() {
        return Optional.ofNullable(present.toAbsolutePath().getParent()).orElseThrow();
    }

    private Optional<Long> number(Path file) {
        var prefix = present.getFileName() + ".";
        var name = file.getFileName().toString();
        if (!name.startsWith(prefix) || !name.substring(prefix.length()).matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        return Optional.of(Long.valueOf(name.substring(prefix.length())));
    }
}
