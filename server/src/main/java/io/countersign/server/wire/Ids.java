// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.util.Optional;

/** SPIFFE IDs as the API writes them: the bare name of the trust domain, and a path with its slash. */
public final class Ids {
    private static final String RESERVED = "/spire";
    private static final String AGENTS = RESERVED + "/agent/";

    private Ids() {}

    public static SPIFFEID message(SpiffeId id) {
        return SPIFFEID.newBuilder()
                .setTrustDomain(id.trustDomain().name())
                .setPath(id.path())
                .build();
    }

    /** As it is written everywhere else: {@code spiffe://example.org/web}. */
    public static String text(SPIFFEID message) {
        return "spiffe://" + message.getTrustDomain() + message.getPath();
    }

    /** An ID that a request may lack. */
    public static Optional<SPIFFEID> given(boolean has, SPIFFEID message) {
        return has ? Optional.of(message) : Optional.empty();
    }

    /**
     * A trust domain by its name or by an ID in it, as the original takes both.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static TrustDomain trustDomain(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("trust domain is missing");
        }
        return text.startsWith("spiffe://") ? SpiffeId.parse(text).trustDomain() : new TrustDomain(text);
    }

    /**
     * An ID with a path in that trust domain.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static SpiffeId member(Optional<SPIFFEID> message, TrustDomain trustDomain) {
        return checked(parse(message), trustDomain, "a member of");
    }

    /**
     * An ID that an agent may have: a member whose path is set apart for agents.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static SpiffeId agent(Optional<SPIFFEID> message, TrustDomain trustDomain) {
        var id = checked(parse(message), trustDomain, "an agent in");
        if (!id.path().startsWith(AGENTS)) {
            throw new IllegalArgumentException("\"" + id + "\" is not an agent in trust domain \"" + trustDomain
                    + "\"; path is not in the agent namespace");
        }
        return id;
    }

    /**
     * An ID that a workload may have: a member whose path is not set apart for the server and its agents.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static SpiffeId workload(Optional<SPIFFEID> message, TrustDomain trustDomain) {
        return workload(parse(message), trustDomain);
    }

    /** As {@link #workload(Optional, TrustDomain)}. */
    public static SpiffeId workload(SpiffeId id, TrustDomain trustDomain) {
        var _ = checked(id, trustDomain, "a workload in");
        if (id.path().equals(RESERVED) || id.path().startsWith(RESERVED + "/")) {
            throw new IllegalArgumentException("\"" + id + "\" is not a workload in trust domain \"" + trustDomain
                    + "\"; path is in the reserved namespace");
        }
        return id;
    }

    private static SpiffeId parse(Optional<SPIFFEID> message) {
        return message.map(given -> SpiffeId.of(trustDomain(given.getTrustDomain()), given.getPath()))
                .orElseThrow(() -> new IllegalArgumentException("request must specify SPIFFE ID"));
    }

    private static SpiffeId checked(SpiffeId id, TrustDomain trustDomain, String what) {
        if (!id.isMemberOf(trustDomain)) {
            throw new IllegalArgumentException(
                    "\"" + id + "\" is not a member of trust domain \"" + trustDomain + "\"");
        }
        if (id.path().isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + id + "\" is not " + what + " trust domain \"" + trustDomain + "\"; path is empty");
        }
        return id;
    }
}
