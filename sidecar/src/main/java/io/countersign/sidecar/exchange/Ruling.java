// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.exchange;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What rules have decided about a request.
 *
 * @param prefix that the file gives to what is said about these rules
 * @param enforced whether the request had to follow
 * @param policy that applied
 */
public record Ruling(String prefix, boolean enforced, boolean allowed, Optional<String> policy) {
    /** By Envoy's names, as its logs know them. */
    public Map<String, String> facts() {
        var which = prefix + (enforced ? "enforced_" : "shadow_");
        var facts = new TreeMap<String, String>();
        facts.put(which + "engine_result", allowed ? "allowed" : "denied");
        policy.ifPresent(name -> facts.put(which + "effective_policy_id", name));
        return facts;
    }
}
