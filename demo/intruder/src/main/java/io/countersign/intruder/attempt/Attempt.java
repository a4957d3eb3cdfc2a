// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.workloadapi.X509Context;

/** One way to break in. Thread-safe. */
public sealed interface Attempt permits WrongIdentity, NoIdentity, ForeignAuthority, WrongRole {
    /** How requests and results name it. */
    String kind();

    /**
     * Tries once; blocks for a few seconds at most.
     *
     * @param own this program's identity, and the bundles that tell whether the right server answered
     */
    Outcome make(X509Context own);
}
