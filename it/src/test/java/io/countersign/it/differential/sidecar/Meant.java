// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** What our sidecar lets through in another way than Envoy, and why that does no harm. */
enum Meant {
    REWRITTEN(
            "HTTP/1\\.1: (chunks: size \"( 2|\t2|2\u000b|2\u0000)\"|request \"(GET /first http/1\\.1| GET /first HTTP/1\\.1)\")",
            "Ours reads over spaces around the size of a chunk and before a request, and takes the protocol's name in small"
                    + " letters; what goes on is written anew, so that nobody behind can read it in another way."),
    FOLDED(
            "HTTP/1\\.1: (first )?header \"x-a: b\r\n\tc\"",
            "A folded line is joined by a space (RFC 9112, section 5.2); Envoy leaves the tab."),
    NOMINATED(
            "HTTP/1\\.1: connection \"connection: content-length\r\ncontent-length: 2\"",
            "A client cannot have the length of its body removed; Envoy sends the body in chunks then."),
    TRAILERS(
            "HTTP/2: field \"te\": \"TRAILERS\"",
            "The word may be written in capitals (RFC 9110, section 10.1.4), and arrives in small letters."),
    ONE_LENGTH(
            "HTTP/2: (length \"(02|2, 2)\" of two letters|two equal lengths)",
            "A length that is said twice is one length (RFC 9110, section 8.6); it is checked against the body and goes on"
                    + " as one number.");

    private final Pattern cases;
    private final String reason;

    Meant(String cases, String reason) {
        this.cases = Pattern.compile(cases);
        this.reason = reason;
    }

    static Optional<Meant> of(String name) {
        return Arrays.stream(values())
                .filter(meant -> meant.cases.matcher(name).matches())
                .findFirst();
    }

    String reason() {
        return reason;
    }
}
