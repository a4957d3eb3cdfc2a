// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.rotation;

import java.time.Instant;
import java.util.Optional;

/**
 * The authority of one kind that signs, and the one that is to follow it.
 *
 * @param slot where the active one's key is; the prepared one's is in the other
 */
public record Succession<A extends Authority>(Slot slot, A active, Optional<A> prepared) {
    /** What is to be done with it. */
    public enum Step {
        NOTHING,
        PREPARE,
        ACTIVATE
    }

    /** What SPIRE's schedule asks for at that moment. */
    public Step due(Instant now) {
        var lifetime = active.lifetime();
        if (prepared.isEmpty()) {
            return now.isBefore(lifetime.prepareAt()) ? Step.NOTHING : Step.PREPARE;
        }
        if (now.isBefore(lifetime.activateAt())) {
            return Step.NOTHING;
        }
        // an authority above may have given it less time than the active one has
        return now.isBefore(prepared.get().lifetime().activateAt()) ? Step.ACTIVATE : Step.PREPARE;
    }

    public Succession<A> withPrepared(A next) {
        return new Succession<>(slot, active, Optional.of(next));
    }

    public Succession<A> withoutPrepared() {
        return new Succession<>(slot, active, Optional.empty());
    }

    /** @throws IllegalStateException if none is prepared */
    public Succession<A> activated() {
        return new Succession<>(
                slot.other(),
                prepared.orElseThrow(() -> new IllegalStateException("no authority follows " + active.authorityId()
                        + ", expected one to be prepared before it is activated")),
                Optional.empty());
    }
}
