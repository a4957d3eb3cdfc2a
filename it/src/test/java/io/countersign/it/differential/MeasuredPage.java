// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Pages in {@code docs}, whose sections between markers are written by the tests that measure them. */
public enum MeasuredPage {
    COMPATIBILITY("compatibility"),
    SMUGGLING("smuggling");

    private final Path page;
    private final Path turn;

    MeasuredPage(String name) {
        page = Path.of("../docs/" + name + ".md");
        turn = Path.of("target/" + name + ".lock");
    }

    /**
     * Puts a text in the place of what stood between the markers of that section. Tests of two processes may do so at the same
     * time.
     */
    public synchronized void write(String section, String markdown) throws IOException {
        try (var mine = FileChannel.open(turn, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = mine.lock()) {
            replace(section, markdown);
        }
    }

    private void replace(String section, String markdown) throws IOException {
        var text = Files.readString(page);
        var begin = "<!-- measured: " + section + " -->\n";
        var end = "<!-- end of " + section + " -->";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(page + " has no place for section \"" + section + "\", expected the lines "
                    + begin.strip() + " and " + end);
        }
        Files.writeString(page, text.substring(0, from + begin.length()) + "\n" + markdown + "\n" + text.substring(to));
    }

    /** Text that fits into a table's cell. */
    static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
