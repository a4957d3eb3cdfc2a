// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.rbac;

import java.util.Optional;

/**
 * One RBAC filter.
 *
 * @param enforced without rules everybody gets in
 * @param shadow decided and counted, never enforced
 * @param statInfix what stands between {@code rbac.} and the counters' names, with its dot, or empty
 */
public record Rbac(Optional<Rules> enforced, Optional<Rules> shadow, String statInfix, String shadowStatInfix) {}
