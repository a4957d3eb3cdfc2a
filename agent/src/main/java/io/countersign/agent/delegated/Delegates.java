// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.delegated;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.identity.Snapshot;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may act for others: a process that is attested as any other, and has an identity that the operator has named.
 *
 * @param ids {@code authorized_delegates}
 */
record Delegates(WorkloadAttestors attestors, Set<SpiffeId> ids) {
    private static final Logger log = LoggerFactory.getLogger(Delegates.class);

    Delegates {
        ids = Set.copyOf(ids);
    }

    /**
     * The caller, who is a delegate.
     *
     * @throws StatusRuntimeException PERMISSION_DENIED if it is none; UNAVAILABLE if that cannot be found out
     */
    Attestation caller(Snapshot snapshot) {
        Attestation caller;
        try {
            caller = attestors.attestCaller();
        } catch (StatusRuntimeException e) {
            throw asTheOriginal(e);
        }
        require(snapshot, caller);
        return caller;
    }

    /** Whether it still is one. */
    void require(Snapshot snapshot, Attestation caller) {
        var entries = snapshot.entriesOf(caller);
        if (entries.isEmpty()) {
            throw denied("no identity issued");
        }
        if (entries.stream().noneMatch(entry -> ids.contains(entry.spiffeId()))) {
            log.atWarn()
                    .addKeyValue("spiffe_id", entries.getFirst().spiffeId())
                    .log("a caller is not among the authorized_delegates");
            throw denied("caller not configured as an authorized delegate");
        }
    }

    static StatusRuntimeException asTheOriginal(StatusRuntimeException failure) {
        return failure.getStatus().getCode() == Status.Code.UNAUTHENTICATED ? unattested() : failure;
    }

    static StatusRuntimeException unattested() {
        return Status.UNAVAILABLE.withDescription("workload attestation failed").asRuntimeException();
    }

    static StatusRuntimeException denied(String words) {
        return Status.PERMISSION_DENIED.withDescription(words).asRuntimeException();
    }
}
