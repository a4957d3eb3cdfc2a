// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** What our sidecar lets through in another way than Envoy, and why that does no harm. */
enum Meant {
    FOLDED(
            "HTTP/1\\.1: (first )?header \"x-a: b\r\n\tc\"",
            "A folded line is joined by a space (RFC 9112, section 5.2); Envoy leaves the tab."),
    NOMINATED(
            "HTTP/1\\.1: connection \"connection: content-length\r\ncontent-length: 2\"",
            "A client cannot have the length of its body removed; Envoy sends the body in chunks then."),
    TRAILERS(
            "HTTP/2: field \"te\": \"TRAILERS\"",
            "The word may be written in capitals (RFC 9110, section 10.1.4), and arrives in small letters."),
    PLAIN_NUMBER(
            "HTTP/2: length \"02\" of two letters",
            "A length is checked against the body and goes on as the number that it is, without the zeros before it.");

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
