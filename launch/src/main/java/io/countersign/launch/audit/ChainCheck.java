// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Follows the chain through audit files, from the oldest line to the newest, and stops where it is broken. */
public final class ChainCheck {
    /** What was found. */
    public sealed interface Finding {
        /**
         * Every line is as it was written, and none is missing between the first and the last.
         *
         * @param first the number of the first line; above 1 if older files were left out
         * @param hash of the last line
         */
        record Intact(long first, long last, String hash) implements Finding {}

        /** @param line of the file, from 1 */
        record Broken(Path file, long line, String why) implements Finding {}
    }

    private record Begun(Path file, long number) {}

    private final Optional<String> head;
    private long first;
    private ChainLine last = ChainLine.START;
    private boolean headSeen;

    private ChainCheck(Optional<String> head) {
        this.head = head;
    }

    /**
     * @param files in any order
     * @param head the hash of a line that must be there, because somebody saw it: without it nobody can tell that lines are
     *     missing at the end
     * @throws IOException if a file cannot be read
     */
    public static Finding run(List<Path> files, Optional<String> head) throws IOException {
        return new ChainCheck(head).follow(files);
    }

    private Finding follow(List<Path> files) throws IOException {
        Path file = files.getLast();
        long line = 0;
        for (var each : inOrder(files)) {
            file = each;
            line = 0;
            try (var in = new BufferedInputStream(Files.newInputStream(each))) {
                for (var text = next(in); text.length > 0; text = next(in)) {
                    line++;
                    var broken = check(text);
                    if (broken.isPresent()) {
                        return new Finding.Broken(each, line, broken.get());
                    }
                }
            }
        }
        if (head.isPresent() && !headSeen) {
            return new Finding.Broken(
                    file,
                    line,
                    "ends the chain with the hash " + last.hash() + ", but no line has the expected one, " + head.get()
                            + ": lines were cut off at the end, or all were written anew");
        }
        return new Finding.Intact(first, last.number(), last.hash());
    }

    /** @param bytes with the line feed, if there is one */
    private Optional<String> check(byte[] bytes) {
        if (bytes[bytes.length - 1] != '\n') {
            return Optional.of("is torn: it has no end");
        }
        ChainLine line;
        try {
            line = ChainLine.parse(new String(bytes, 0, bytes.length - 1, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        boolean begins = first == 0;
        if (begins) {
            first = line.number();
        }
        if (begins && line.number() > 1) {
            // the lines before are in a file that was left out or not kept: their hash is taken as it is
            last = new ChainLine(line.number() - 1, "", line.previous());
        }
        if (line.number() != last.number() + 1) {
            return Optional.of("has the number " + line.number() + ", expected " + (last.number() + 1)
                    + ": lines were removed or put in another order");
        }
        if (!line.previous().equals(last.hash())) {
            return Optional.of("follows a line with the hash " + line.previous() + ", but the one before has "
                    + last.hash() + ": it was written anew");
        }
        last = line;
        headSeen |= head.isPresent() && head.get().equals(line.hash());
        return Optional.empty();
    }

    /** By the number of the first line; what does not begin like a chain comes first, where it is found at once. */
    private static List<Path> inOrder(List<Path> files) throws IOException {
        var begun = new ArrayList<Begun>();
        for (var file : files) {
            try (var in = new BufferedInputStream(Files.newInputStream(file))) {
                begun.add(new Begun(file, ChainLine.number(new String(next(in), StandardCharsets.UTF_8))));
            }
        }
        return begun.stream()
                .sorted(Comparator.comparingLong(Begun::number))
                .map(Begun::file)
                .toList();
    }

    /** The next line with its line feed; empty at the end. */
    private static byte[] next(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
            line.write(c);
            if (c == '\n') {
                break;
            }
        }
        return line.toByteArray();
    }
}
