// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.json;

/** A text that is not the JSON that was expected. */
public final class JsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message);
    }
}
