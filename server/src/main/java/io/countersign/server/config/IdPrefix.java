// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.spiffe.SpiffeId;

/** A SPIFFE ID and all below it, by whole segments: {@code /web} covers {@code /web/eu}, and not {@code /website}. */
public record IdPrefix(SpiffeId id) {
    /** @throws IllegalArgumentException if it is no SPIFFE ID */
    public static IdPrefix parse(String text) {
        return new IdPrefix(SpiffeId.parse(text));
    }

    public boolean covers(SpiffeId other) {
        return other.isMemberOf(id.trustDomain())
                && (other.path().equals(id.path()) || other.path().startsWith(id.path() + "/"));
    }

    @Override
    public String toString() {
        return id.toString();
    }
}
