// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What was seen of a process when it connected: as good as another look for whoever asks first, too old for all later. Most
 * programs call once on each connection. Thread-safe.
 */
public final class FirstLook {
    static final FirstLook NONE = new FirstLook(Optional.empty());

    private final AtomicReference<Optional<ProcessImage>> image;

    FirstLook(Optional<ProcessImage> image) {
        this.image = new AtomicReference<>(image);
    }

    Optional<ProcessImage> take() {
        return image.getAndSet(Optional.empty());
    }
}
