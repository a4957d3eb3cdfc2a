// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An answer over HTTP/1.1.
 *
 * @param server what the answer calls the program that gave it, or empty
 * @param body its first line, shortened
 */
record HttpAnswer(int status, String server, String body) {
    private static final int LONGEST_LINE = 8192;
    private static final int MOST_HEADERS = 100;
    private static final int MOST_BODY = 400;

    /** Reads as much as is needed to quote it; the connection is of no use afterwards. */
    static HttpAnswer read(InputStream in) throws IOException {
        var status = line(in).split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("[1-5][0-9]{2}")) {
            throw new ProtocolException(
                    "the answer begins with \"" + String.join(" ", status) + "\", expected a status line of HTTP/1.1");
        }
        var headers = headers(in);
        var body = new String(in.readNBytes(bodySize(headers, in)), StandardCharsets.UTF_8);
        return new HttpAnswer(
                Integer.parseInt(status[1]),
                headers.getOrDefault("server", ""),
                body.lines().findFirst().orElse("").strip());
    }

    boolean isRbacDenial() {
        return status == 403 && body.startsWith("RBAC:");
    }

    String inWords() {
        return "HTTP " + status + (body.isEmpty() ? "" : ": " + body);
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        var headers = new TreeMap<String, String>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 1 || headers.size() == MOST_HEADERS) {
                throw new ProtocolException("\"" + line + "\", expected a header and at most " + MOST_HEADERS);
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    /** Of a body in chunks, the first one is quoted. */
    private static int bodySize(Map<String, String> headers, InputStream in) throws IOException {
        var length = headers.get("content-length");
        if (length != null && length.matches("[0-9]{1,9}")) {
            return Math.min(MOST_BODY, Integer.parseInt(length));
        }
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            var size = line(in);
            return size.matches("[0-9a-fA-F]{1,7}") ? Math.min(MOST_BODY, Integer.parseInt(size, 16)) : 0;
        }
        return MOST_BODY;
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("the connection was closed without an answer");
            }
            if (line.size() == LONGEST_LINE) {
                throw new ProtocolException("a line of the answer is longer than " + LONGEST_LINE + " bytes");
            }
            line.write(octet);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }
}
