// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;

/** The SPIFFE IDs of agents. */
final class AgentIds {
    private AgentIds() {}

    /**
     * The agent's with that path.
     *
     * @param suffix what comes behind {@code /spire/agent}
     * @throws IllegalArgumentException if it makes no SPIFFE ID
     */
    static SpiffeId of(TrustDomain trustDomain, String suffix) {
        if (!suffix.startsWith("/")) {
            throw new IllegalArgumentException(
                    "invalid agent path suffix \"" + suffix + "\": path must have a leading slash");
        }
        return SpiffeId.of(trustDomain, "/spire/agent" + suffix);
    }
}
