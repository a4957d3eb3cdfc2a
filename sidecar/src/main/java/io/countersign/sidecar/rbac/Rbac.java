// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.rbac;

import java.util.Optional;

/**
 * One RBAC filter.
 *
 * @param enforced without rules everybody gets in
 * @param shadow decided and counted, never enforced
 * @param prefix of what is counted and noted about what was enforced, or empty
 * @param eachPolicy whether it is also counted which policy has decided
 */
public record Rbac(
        Optional<Rules> enforced, Optional<Rules> shadow, String prefix, String shadowPrefix, boolean eachPolicy) {
    /** What stands between {@code rbac.} and the counters' names, with its dot, or empty. */
    public String statInfix() {
        return infix(prefix);
    }

    public String shadowStatInfix() {
        return infix(shadowPrefix);
    }

    private static String infix(String prefix) {
        return prefix.isEmpty() || prefix.endsWith(".") ? prefix : prefix + ".";
    }
}
