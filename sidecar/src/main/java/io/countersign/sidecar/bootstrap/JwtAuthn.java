// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.match.StringMatcher;
import io.countersign.sidecar.rbac.HeaderMatcher;
import java.util.List;
import java.util.Map;

/**
 * Which requests need which tokens: what the first rule demands that a request matches; nothing if none does.
 *
 * @param providers by name
 * @param bypassPreflight whether a browser may ask without a token what it may send
 */
public record JwtAuthn(Map<String, JwtProvider> providers, List<Rule> rules, boolean bypassPreflight) {
    public JwtAuthn {
        providers = Map.copyOf(providers);
        rules = List.copyOf(rules);
    }

    public record Rule(StringMatcher path, List<HeaderMatcher> headers, JwtRequirement requirement) {
        public Rule {
            headers = List.copyOf(headers);
        }

        public boolean matches(Exchange exchange) {
            return path.matches(exchange.path().split("[?#]", 2)[0])
                    && headers.stream().allMatch(header -> header.matches(exchange));
        }
    }
}
