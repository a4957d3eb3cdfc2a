// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.time.Duration;
import java.util.Map;

/**
 * Where a gRPC service is called, and how.
 *
 * @param timeout for one call; zero switches it off
 * @param metadata sent with each call, names in lower case
 */
public record GrpcService(Target target, Duration timeout, Map<String, String> metadata) {
    public GrpcService {
        metadata = Map.copyOf(metadata);
    }

    public sealed interface Target {
        /** @return the name of the cluster that carries the calls */
        String cluster();

        /** {@code envoy_grpc}: a cluster of the file. */
        record Named(String cluster) implements Target {}

        /** {@code google_grpc}: an address of its own, which becomes a cluster by the name that the file gives. */
        record Direct(Cluster own) implements Target {
            @Override
            public String cluster() {
                return own.name();
            }
        }
    }
}
