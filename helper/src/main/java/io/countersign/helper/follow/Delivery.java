// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.follow;

import io.countersign.helper.delivery.DeliveryException;
import java.time.Instant;
import java.util.Optional;

/** Turns a state into files. */
@FunctionalInterface
public interface Delivery<T> {
    /**
     * What has become of it.
     *
     * @param goodUntil when what was written ends, if it does
     * @param complete whether nothing is left to do; otherwise the same state is delivered again, or a newer one
     */
    record Result(Optional<Instant> goodUntil, boolean complete) {
        public static final Result ENDLESS = new Result(Optional.empty(), true);
    }

    /** Writes the files of this state; may be called again with the same one. */
    Result deliver(T state) throws DeliveryException, InterruptedException;
}
