// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;

/** SPIFFE IDs as the API writes them: the bare name of the trust domain, and a path with its slash. */
public final class Ids {
    private static final String RESERVED = "/spire";

    private Ids() {}

    public static SPIFFEID message(SpiffeId id) {
        return SPIFFEID.newBuilder()
                .setTrustDomain(id.trustDomain().name())
                .setPath(id.path())
                .build();
    }

    /**
     * An ID with a path in that trust domain.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static SpiffeId member(SPIFFEID message, TrustDomain trustDomain) {
        if (message.getTrustDomain().isEmpty()) {
            throw new IllegalArgumentException("trust domain is missing");
        }
        var id = SpiffeId.of(new TrustDomain(message.getTrustDomain()), message.getPath());
        if (!id.isMemberOf(trustDomain)) {
            throw new IllegalArgumentException(
                    "\"" + id + "\" is not a member of trust domain \"" + trustDomain + "\"");
        }
        if (id.path().isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + id + "\" is not a member of trust domain \"" + trustDomain + "\"; path is empty");
        }
        return id;
    }

    /**
     * An ID that a workload may have: a member whose path is not set apart for the server and its agents.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static SpiffeId workload(SPIFFEID message, TrustDomain trustDomain) {
        return workload(member(message, trustDomain), trustDomain);
    }

    /** As {@link #workload(SPIFFEID, TrustDomain)}. */
    public static SpiffeId workload(SpiffeId id, TrustDomain trustDomain) {
        if (!id.isMemberOf(trustDomain) || id.path().isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + id + "\" is not a workload in trust domain \"" + trustDomain + "\"");
        }
        if (id.path().equals(RESERVED) || id.path().startsWith(RESERVED + "/")) {
            throw new IllegalArgumentException("\"" + id + "\" is not a workload in trust domain \"" + trustDomain
                    + "\"; the namespace " + RESERVED + " is reserved");
        }
        return id;
    }
}
