// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.datastore.Selector;
import io.countersign.rpc.Peer;
import io.countersign.spiffe.SpiffeId;
import java.util.Set;
import java.util.function.Function;

/** One way for a node to prove itself. Thread-safe; many nodes come at once. */
sealed interface NodeAttestor
        permits HttpChallengeAttestation,
                JoinTokenAttestation,
                K8sPsatAttestation,
                PluginAttestation,
                SshPopAttestation,
                X509PopAttestation {
    /** Its name in messages and in server.conf. */
    String type();

    /**
     * Looks at what a node shows first.
     *
     * @throws io.grpc.StatusRuntimeException if it proves nothing
     */
    Step begin(ByteString payload, Peer peer);

    /** How far an attestation has come. */
    sealed interface Step {
        /** @param answer takes what the node says to the challenge; it fails as {@link NodeAttestor#begin} does */
        record Challenge(ByteString challenge, Function<ByteString, Step> answer) implements Step {}

        /**
         * The end of it.
         *
         * @param firstUseOnly whether only a node is let in that is not known yet, not even as a banned one
         */
        record Proven(SpiffeId id, boolean canReattest, Set<Selector> selectors, boolean firstUseOnly) implements Step {
            public Proven {
                selectors = Set.copyOf(selectors);
            }

            /** One that may come as often as it has such a proof. */
            public Proven(SpiffeId id, boolean canReattest, Set<Selector> selectors) {
                this(id, canReattest, selectors, false);
            }
        }
    }
}
