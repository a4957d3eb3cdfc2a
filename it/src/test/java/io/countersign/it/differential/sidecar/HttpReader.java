// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads HTTP/1.1 messages byte by byte, so that nothing is tidied up on the way. */
final class HttpReader {
    private static final int MOST = 1 << 20;

    private final InputStream in;

    HttpReader(InputStream in) {
        this.in = in;
    }

    /** A message's first line and header lines, in order and letter by letter. */
    record Head(String first, List<Map.Entry<String, String>> headers) {
        Optional<String> header(String name) {
            return headers.stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst();
        }

        boolean chunked() {
            return header("transfer-encoding")
                    .filter(value -> value.toLowerCase(Locale.ROOT).contains("chunked"))
                    .isPresent();
        }
    }

    /** Empty if the connection ends before anything comes. */
    Optional<Head> head() throws IOException {
        var first = line();
        if (first.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Head(first.get(), headers()));
    }

    private List<Map.Entry<String, String>> headers() throws IOException {
        var headers = new ArrayList<Map.Entry<String, String>>();
        while (true) {
            var line = line().orElseThrow(() -> new EOFException("the head is cut off"));
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            headers.add(
                    colon < 0
                            ? Map.entry(line, "")
                            : Map.entry(
                                    line.substring(0, colon),
                                    line.substring(colon + 1).strip()));
        }
    }

    private Optional<String> line() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            int c = in.read();
            if (c < 0) {
                if (line.size() == 0) {
                    return Optional.empty();
                }
                throw new EOFException("a line is cut off: " + line);
            }
            if (c == '\n') {
                return Optional.of(line.toString(StandardCharsets.ISO_8859_1).stripTrailing());
            }
            line.write(c);
            if (line.size() > MOST) {
                throw new IOException("a line has no end");
            }
        }
    }

    /** @throws EOFException with what came, if the connection ends first */
    String exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        var text = new String(bytes, StandardCharsets.UTF_8);
        if (bytes.length < length) {
            throw new EOFException("cut off after \"" + text + "\"");
        }
        return text;
    }

    /** A chunked body; its trailers are added to the list. */
    String chunks(List<Map.Entry<String, String>> trailers) throws IOException {
        var body = new StringBuilder();
        while (true) {
            var size = line();
            if (size.isEmpty()) {
                throw new EOFException("cut off after \"" + body + "\"");
            }
            int length = Integer.parseInt(size.get().split(";", 2)[0].strip(), 16);
            if (length == 0) {
                trailers.addAll(headers());
                return body.toString();
            }
            body.append(exactly(length));
            line();
        }
    }

    String toTheEnd() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    int read() throws IOException {
        return in.read();
    }
}
