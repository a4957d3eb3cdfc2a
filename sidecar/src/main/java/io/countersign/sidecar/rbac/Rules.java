// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.rbac;

import io.countersign.sidecar.exchange.Exchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Policies with what follows if one of them applies. No policy at all and ALLOW means that nobody gets in. */
public record Rules(Action action, SortedMap<String, Policy> policies) {
    public enum Action {
        ALLOW,
        DENY,
        LOG
    }

    public record Policy(List<Permission> permissions, List<Principal> principals) {
        public Policy {
            permissions = List.copyOf(permissions);
            principals = List.copyOf(principals);
        }

        boolean applies(Exchange exchange) {
            return permissions.stream().anyMatch(permission -> permission.allows(exchange))
                    && principals.stream().anyMatch(principal -> principal.is(exchange));
        }
    }

    /** @param policy name of the policy that applied */
    public record Decision(boolean allowed, Optional<String> policy) {
        /** As access logs tell it. */
        public String details() {
            return "rbac_access_denied_matched_policy[" + policy.orElse("none") + "]";
        }
    }

    public Rules {
        policies = new TreeMap<>(policies);
    }

    /** Policies are tried by name, so that the one that is reported does not depend on the file's order. */
    public Decision decide(Exchange exchange) {
        var first = policies.entrySet().stream()
                .filter(entry -> entry.getValue().applies(exchange))
                .map(Map.Entry::getKey)
                .findFirst();
        return switch (action) {
            case ALLOW -> new Decision(first.isPresent(), first);
            case DENY -> new Decision(first.isEmpty(), first);
            case LOG -> new Decision(true, first);
        };
    }
}
