// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** {@code docs/compatibility.md}: sections between markers are written by the tests that measure them. */
public final class CompatibilityPage {
    private static final Path PAGE = Path.of("../docs/compatibility.md");
    private static final Path TURN = Path.of("target/compatibility.lock");

    private CompatibilityPage() {}

    /**
     * Puts a text in the place of what stood between the markers of that section. Tests of two processes may do so at the same
     * time.
     */
    public static synchronized void write(String section, String markdown) throws IOException {
        try (var turn = FileChannel.open(TURN, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = turn.lock()) {
            replace(section, markdown);
        }
    }

    private static void replace(String section, String markdown) throws IOException {
        var page = Files.readString(PAGE);
        var begin = "<!-- measured: " + section + " -->\n";
        var end = "<!-- end of " + section + " -->";
        int from = page.indexOf(begin);
        int to = page.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(PAGE + " has no place for section \"" + section + "\", expected the lines "
                    + begin.strip() + " and " + end);
        }
        Files.writeString(PAGE, page.substring(0, from + begin.length()) + "\n" + markdown + "\n" + page.substring(to));
    }

    /** Text that fits into a table's cell. */
    static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
