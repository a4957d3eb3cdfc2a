// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import io.countersign.rpc.Peer;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Context;

/** As whom a call was let in. */
public sealed interface Caller {
    Context.Key<Caller> CONTEXT = Context.key("io.countersign.server.caller");

    /** Whoever may open the local socket. */
    record Local(Peer.LocalProcess process) implements Caller {}

    /** A program that server.conf or an entry makes an administrator. */
    record Admin(SpiffeId id) implements Caller {}

    /** A server that may ask for an authority of its own. */
    record Downstream(SpiffeId id) implements Caller {}

    /** An attested node with the certificate that it has now. */
    record Agent(SpiffeId id) implements Caller {}

    /** Anyone at all; nothing was checked. */
    record Anyone() implements Caller {}

    /**
     * The agent whose call this thread serves.
     *
     * @throws IllegalStateException if it was let in as anything else
     */
    static Agent agent() {
        if (CONTEXT.get() instanceof Agent agent) {
            return agent;
        }
        throw new IllegalStateException("no agent's call is served here, expected a method that only agents may call");
    }
}
