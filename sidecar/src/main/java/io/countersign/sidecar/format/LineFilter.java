// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.rbac.HeaderMatcher;
import java.util.List;
import java.util.Set;

/** Which exchanges an access log has a line of. */
public sealed interface LineFilter {
    boolean takes(Exchange exchange);

    /** How a number has to stand to the file's. */
    enum Comparison {
        EQ,
        GE,
        LE,
        NE;

        boolean holds(long seen, long demanded) {
            return switch (this) {
                case EQ -> seen == demanded;
                case GE -> seen >= demanded;
                case LE -> seen <= demanded;
                case NE -> seen != demanded;
            };
        }
    }

    record Everything() implements LineFilter {
        @Override
        public boolean takes(Exchange exchange) {
            return true;
        }
    }

    record Status(Comparison comparison, int status) implements LineFilter {
        @Override
        public boolean takes(Exchange exchange) {
            return comparison.holds(exchange.status(), status);
        }
    }

    record Duration(Comparison comparison, int millis) implements LineFilter {
        @Override
        public boolean takes(Exchange exchange) {
            return comparison.holds(exchange.elapsed().toMillis(), millis);
        }
    }

    record Header(HeaderMatcher header) implements LineFilter {
        @Override
        public boolean takes(Exchange exchange) {
            return header.matches(exchange);
        }
    }

    /** @param flags of which one is enough; none means any */
    record Flags(Set<ResponseFlag> flags) implements LineFilter {
        public Flags {
            flags = Set.copyOf(flags);
        }

        @Override
        public boolean takes(Exchange exchange) {
            return flags.isEmpty()
                    ? !exchange.flags().isEmpty()
                    : exchange.flags().stream().anyMatch(flags::contains);
        }
    }

    record All(List<LineFilter> filters) implements LineFilter {
        @Override
        public boolean takes(Exchange exchange) {
            return filters.stream().allMatch(filter -> filter.takes(exchange));
        }
    }

    record OneOf(List<LineFilter> filters) implements LineFilter {
        @Override
        public boolean takes(Exchange exchange) {
            return filters.stream().anyMatch(filter -> filter.takes(exchange));
        }
    }
}
