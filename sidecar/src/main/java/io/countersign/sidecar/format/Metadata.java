// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.Exchange;
import java.util.Map;
import java.util.TreeMap;

/** What filters have noted about a request; of those that Envoy has, the ones that say what the rules decided. */
final class Metadata {
    private static final String RULES = "envoy.filters.http.rbac";

    private Metadata() {}

    /**
     * @param parameter the filter, or the filter, a colon and one of its facts
     * @throws IllegalArgumentException for filters that note nothing here
     */
    static Operator of(String parameter) {
        var path = parameter.split(":", -1);
        if (!path[0].equals(RULES) || path.length > 2) {
            throw new IllegalArgumentException("operator %DYNAMIC_METADATA% with \"" + parameter + "\", expected "
                    + RULES + " or " + RULES + ":<fact>, such as shadow_engine_result; nothing else is noted here");
        }
        if (path.length == 2) {
            return exchange -> facts(exchange).get(path[1]);
        }
        return exchange -> {
            var facts = facts(exchange);
            return facts.isEmpty() ? null : facts;
        };
    }

    private static Map<String, String> facts(Exchange exchange) {
        var facts = new TreeMap<String, String>();
        exchange.rulings().forEach(ruling -> facts.putAll(ruling.facts()));
        return facts;
    }
}
