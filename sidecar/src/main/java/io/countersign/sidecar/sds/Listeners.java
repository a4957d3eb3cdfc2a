// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is told of a new secret. One that fails keeps neither the others from it nor the source from the next. Thread-safe. */
final class Listeners {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final List<Runnable> all = new CopyOnWriteArrayList<>();

    void add(Runnable listener) {
        all.add(listener);
    }

    void tell(String secret) {
        for (var listener : all) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                log.atError().addKeyValue("secret", secret).setCause(e).log("somebody cannot use the new secret");
            }
        }
    }
}
