// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.helper.config.HelperConfig;
import io.countersign.helper.delivery.AtomicFiles;
import io.countersign.helper.delivery.DeliveryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a helper that was killed while it wrote has left beside the files; there may be private keys among it. */
record Leftovers(HelperConfig config) {
    private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

    private interface Step {
        void run() throws DeliveryException;
    }

    /** Removes it; what cannot be removed is said, and the next write says more. */
    void clear() {
        config.identities().forEach(identity -> tried(identity.files().layout()::clear));
        config.jwtBundle().ifPresent(bundle -> tried(() -> AtomicFiles.clear(bundle.file())));
        config.jwtTokens().forEach(token -> tried(() -> AtomicFiles.clear(token.file())));
    }

    private static void tried(Step step) {
        try {
            step.run();
        } catch (DeliveryException e) {
            log.atWarn().addKeyValue("error", e.getMessage()).log("what was left of an earlier write is still there");
        }
    }
}
