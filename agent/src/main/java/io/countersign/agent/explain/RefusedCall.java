// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.explain;

import io.countersign.agent.attest.Attestation;
import io.countersign.rpc.Peer;
import java.time.Instant;
import java.util.Optional;

/**
 * A call that was refused.
 *
 * @param id by which the caller and the operator can speak of it
 * @param program the file that the caller executed; empty if it was not to be seen
 * @param method gRPC's full name
 * @param attestation what was found out about the caller, if that came to an end
 */
public record RefusedCall(
        String id,
        Instant at,
        Peer.LocalProcess process,
        String program,
        String method,
        Optional<Attestation> attestation) {}
