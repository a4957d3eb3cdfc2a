// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.TlsFacts;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The connection that requests come on.
 *
 * @param tls null if it is plain
 * @param requestedServerName whom the client has asked for, or empty
 */
public record ClientConnection(
        SocketAddress remote, SocketAddress local, @Nullable TlsFacts tls, String requestedServerName) {
    /** For one request on it. */
    Exchange begin() {
        var exchange = new Exchange(remote, local, tls);
        exchange.requestedServerName(requestedServerName);
        return exchange;
    }
}
