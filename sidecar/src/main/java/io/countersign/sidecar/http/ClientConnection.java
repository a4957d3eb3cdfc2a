// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.exchange.TlsFacts;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The connection that requests come on.
 *
 * @param tls null if it is plain
 */
public record ClientConnection(
        SocketAddress remote, SocketAddress local, @Nullable TlsFacts tls) {}
