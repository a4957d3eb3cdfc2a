// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * A header that somebody who decides about a request wants changed.
 *
 * @param name in lower case
 */
public record HeaderChange(String name, String value, How how) {
    public enum How {
        /** A line of its own, whatever is there already. */
        ADD,
        ADD_IF_ABSENT,
        SET,
        SET_IF_PRESENT,
        /** Behind a comma, in the line that is there already. */
        JOIN,
        /** The same, but nothing is there without one. */
        JOIN_IF_PRESENT
    }

    public void apply(HttpHeaders headers) {
        boolean present = headers.contains(name);
        switch (how) {
            case ADD -> headers.add(name, value);
            case ADD_IF_ABSENT -> {
                if (!present) {
                    headers.add(name, value);
                }
            }
            case SET -> headers.set(name, value);
            case SET_IF_PRESENT -> {
                if (present) {
                    headers.set(name, value);
                }
            }
            case JOIN -> headers.set(name, present ? String.join(",", headers.getAll(name)) + "," + value : value);
            case JOIN_IF_PRESENT -> {
                if (present) {
                    headers.set(name, String.join(",", headers.getAll(name)) + "," + value);
                }
            }
        }
    }
}
