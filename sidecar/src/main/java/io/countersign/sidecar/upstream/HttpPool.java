// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

/** Connections of one event loop to one endpoint. */
public interface HttpPool {
    interface Waiting {
        void ready(UpstreamStream stream);

        /** @param host the endpoint that was tried, or empty */
        void failed(UpstreamFailure failure, String host);
    }

    /** Call it on the pool's event loop. */
    void acquire(Waiting waiting);

    /** Nobody comes any more: what is idle ends now, the rest when it is. Call it on the pool's event loop. */
    void retire();
}
