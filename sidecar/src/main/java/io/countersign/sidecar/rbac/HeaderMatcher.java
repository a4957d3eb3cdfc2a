// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.rbac;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.match.StringMatcher;
import java.util.Optional;

/**
 * Looks at one request header; {@code :path} includes the query.
 *
 * @param value what the header must be; empty if it must only be there
 * @param present whether the header must be there; read only without {@code value}
 */
public record HeaderMatcher(
        String name, Optional<StringMatcher> value, boolean present, boolean invert, boolean missingIsEmpty) {
    public boolean matches(Exchange exchange) {
        var header = exchange.requestHeader(name);
        if (value.isEmpty()) {
            return (header.isPresent() == present) != invert;
        }
        if (header.isEmpty() && !missingIsEmpty) {
            // an inverted match of a header that is not there does not hold either, unless configured
            return false;
        }
        return value.get().matches(header.orElse("")) != invert;
    }
}
