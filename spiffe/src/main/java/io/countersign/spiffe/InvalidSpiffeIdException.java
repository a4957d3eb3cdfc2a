// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe;

/** A text that is no SPIFFE ID, trust domain name or path. The message quotes it, shortened, and names the rule. */
public final class InvalidSpiffeIdException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 80;

    InvalidSpiffeIdException(String what, String value, String rule) {
        super("%s \"%s\" is not valid: %s".formatted(what, shorten(value), rule));
    }

    private static String shorten(String value) {
        return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
    }
}
