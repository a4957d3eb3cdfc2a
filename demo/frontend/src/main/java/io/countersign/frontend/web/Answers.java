// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Answers in the two forms of the contract: JSON, and plain text with a line end for everything that went wrong. */
final class Answers {
    private static final MediaType PLAIN = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    private Answers() {}

    static ResponseEntity<byte[]> json(byte[] body) {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
    }

    static ResponseEntity<byte[]> text(int status, String message) {
        return ResponseEntity.status(status)
                .contentType(PLAIN)
                .body((message.stripTrailing() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static ResponseEntity<byte[]> notFound() {
        return text(404, "404 page not found");
    }
}
