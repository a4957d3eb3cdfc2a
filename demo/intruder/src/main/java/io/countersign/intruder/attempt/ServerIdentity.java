// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.spiffe.SpiffeId;
import java.util.function.Predicate;

/** Whether the expected server was seen in one handshake. The trust manager asks once the chain has been verified. */
final class ServerIdentity implements Predicate<SpiffeId> {
    private final SpiffeId expected;
    private volatile boolean seen;

    ServerIdentity(SpiffeId expected) {
        this.expected = expected;
    }

    @Override
    public boolean test(SpiffeId verified) {
        seen = verified.equals(expected);
        return seen;
    }

    boolean seen() {
        return seen;
    }

    SpiffeId expected() {
        return expected;
    }
}
