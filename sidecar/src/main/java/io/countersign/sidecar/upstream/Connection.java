// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.exchange.TlsFacts;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * An open connection to an endpoint.
 *
 * @param host address as logs show it
 * @param counts of the endpoint
 * @param tls null if the connection is plain
 */
public record Connection(
        Channel channel,
        String host,
        HostCounts counts,
        @Nullable TlsFacts tls) {
    /** Told on the event loop, exactly once. */
    public interface Waiting {
        void connected(Connection connection);

        /** @param host the endpoint that was tried, or empty */
        void failed(UpstreamFailure failure, String host);
    }
}
