// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import io.countersign.rpc.BoundedLog;
import org.slf4j.event.Level;

/**
 * Says in the log that the client of one conversation cannot use what it got, once for each answer. Asked by one thread at a
 * time.
 */
final class Complaints {
    private final BoundedLog log;
    /** By its nonce the answer that nothing was said against yet; empty if there is none. */
    private String open = "";

    Complaints(BoundedLog log) {
        this.log = log;
    }

    void answered(String nonce) {
        open = nonce;
    }

    /**
     * @param nonce of the answer that is complained of
     * @param words the client's
     */
    void hear(String nonce, String words) {
        if (!open.isEmpty() && open.equals(nonce)) {
            open = "";
            log.log(Level.WARN, "an sds client refuses what it got: {}", words);
        }
    }
}
