// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.keys;

import io.countersign.spiffe.TrustDomain;
import java.nio.file.Path;
import java.time.Duration;

/** Where keys are fetched; exactly one is configured. */
public sealed interface KeySource {
    /** How often; above zero. */
    Duration interval();

    /** A SPIRE server's private socket. */
    record ServerApi(Path socket, Duration interval) implements KeySource {}

    /**
     * An agent's public socket.
     *
     * @param trustDomain whose keys, as there may be others'
     */
    record WorkloadApi(Path socket, TrustDomain trustDomain, Duration interval) implements KeySource {}

    /** A SPIFFE bundle document that somebody else keeps fresh. */
    record BundleFile(Path file, Duration interval) implements KeySource {}

    /** Nothing is opened before the first fetch. */
    default KeyFetch open() {
        return switch (this) {
            case ServerApi server -> new ServerFetch(server.socket());
            case WorkloadApi agent -> new WorkloadFetch(agent.socket(), agent.trustDomain());
            case BundleFile document -> new FileFetch(document.file());
        };
    }
}
