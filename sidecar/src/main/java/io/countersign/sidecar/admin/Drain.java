// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import io.countersign.sidecar.bootstrap.ListenerConfig.Direction;
import io.countersign.sidecar.listener.Listener;
import java.util.Map;

/**
 * How listeners are to be left by their clients.
 *
 * @param graceful whether new connections are still taken for a while, so that whoever sends them here has time to notice
 * @param skipExit whether they are taken after that as well
 * @param inboundOnly whether listeners that are not said to be inbound go on as before
 */
public record Drain(boolean graceful, boolean skipExit, boolean inboundOnly) {
    public boolean concerns(Listener listener) {
        return !inboundOnly || listener.config().direction() == Direction.INBOUND;
    }

    /** Envoy looks at the names only, whatever their values. */
    static Drain of(Map<String, String> query) {
        boolean skipExit = query.containsKey("skip_exit");
        return new Drain(query.containsKey("graceful") || skipExit, skipExit, query.containsKey("inboundonly"));
    }
}
