// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.follow;

import io.countersign.helper.delivery.DeliveryException;
import java.time.Instant;
import java.util.Optional;

/** Turns a state into files. */
@FunctionalInterface
public interface Delivery<T> {
    /**
     * Writes the files of this state; may be called again with the same one after a failure.
     *
     * @return when what was written ends, if it does
     */
    Optional<Instant> deliver(T state) throws DeliveryException;
}
