// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import io.countersign.launch.audit.AuditFile.Torn;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How an audit file ends.
 *
 * @param whole bytes up to the end of the last whole line
 * @param lastLine nothing in a file without a whole line
 * @param torn what stands behind it
 */
record FileEnd(long whole, Optional<ChainLine> lastLine, Optional<Torn> torn) {
    private static final int CHUNK = 65536;

    /** @throws IOException if the file cannot be read, or its last whole line is not intact */
    static FileEnd of(Path file) throws IOException {
        try (var open = new RandomAccessFile(file.toFile(), "r")) {
            long length = open.length();
            long whole = behindLineFeed(open, length);
            var rest = read(open, whole, length);
            var torn = rest.length == 0
                    ? Optional.<Torn>empty()
                    : Optional.of(new Torn(rest.length, ChainLine.sha256(rest)));
            if (whole == 0) {
                return new FileEnd(0, Optional.empty(), torn);
            }
            long start = behindLineFeed(open, whole - 1);
            var line = new String(read(open, start, whole - 1), StandardCharsets.UTF_8);
            try {
                return new FileEnd(whole, Optional.of(ChainLine.parse(line)), torn);
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "the last line of audit file " + file + " " + e.getMessage()
                                + "; find out where with audit verify, and move the file away",
                        e);
            }
        }
    }

    /** Where the line begins that ends at {@code end}. */
    private static long behindLineFeed(RandomAccessFile open, long end) throws IOException {
        long to = end;
        while (to > 0) {
            long from = Math.max(0, to - CHUNK);
            var chunk = read(open, from, to);
            for (int i = chunk.length - 1; i >= 0; i--) {
                if (chunk[i] == '\n') {
                    return from + i + 1;
                }
            }
            to = from;
        }
        return 0;
    }

    private static byte[] read(RandomAccessFile open, long from, long to) throws IOException {
        var bytes = new byte[Math.toIntExact(to - from)];
        open.seek(from);
        open.readFully(bytes);
        return bytes;
    }
}
