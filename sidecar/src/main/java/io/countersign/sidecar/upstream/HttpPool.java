// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

/** Connections of one event loop to one cluster. */
public interface HttpPool {
    interface Waiting {
        void ready(UpstreamStream stream);

        /** @param host the endpoint that was tried, or empty */
        void failed(UpstreamFailure failure, String host);
    }

    /** Call it on the pool's event loop. */
    void acquire(Waiting waiting);
}
