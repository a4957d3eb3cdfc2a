// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.rbac;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.match.StringMatcher;
import java.net.InetSocketAddress;
import java.util.List;

/** What somebody may do. */
public sealed interface Permission {
    boolean allows(Exchange exchange);

    record Any() implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return true;
        }
    }

    record All(List<Permission> rules) implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return rules.stream().allMatch(rule -> rule.allows(exchange));
        }
    }

    record OneOf(List<Permission> rules) implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return rules.stream().anyMatch(rule -> rule.allows(exchange));
        }
    }

    record Not(Permission rule) implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return !rule.allows(exchange);
        }
    }

    record Header(HeaderMatcher header) implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return header.matches(exchange);
        }
    }

    /** The path without query and fragment. */
    record UrlPath(StringMatcher matcher) implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return matcher.matches(exchange.path().split("[?#]", 2)[0]);
        }
    }

    record DestinationPort(int from, int to) implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return exchange.local() instanceof InetSocketAddress address
                    && address.getPort() >= from
                    && address.getPort() < to;
        }
    }

    record RequestedServerName(StringMatcher matcher) implements Permission {
        @Override
        public boolean allows(Exchange exchange) {
            return matcher.matches(exchange.requestedServerName());
        }
    }
}
