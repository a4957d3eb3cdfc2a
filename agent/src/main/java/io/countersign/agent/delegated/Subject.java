// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.delegated;

import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.Attestation;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import io.countersign.agent.identity.Snapshot;
import io.countersign.rpc.Peer.LocalProcess;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * The workload that a delegate acts for.
 *
 * @param process if it was named by its number
 */
record Subject(Attestation attestation, Optional<LocalProcess> process) {
    private static final String ONE_OF_THEM = "must provide either selectors or non-zero PID, but not both";

    /**
     * @param pid 0 for none
     * @throws StatusRuntimeException INVALID_ARGUMENT if not exactly one of the two says who is meant; UNAVAILABLE if the
     *     process cannot be attested
     */
    static Subject of(WorkloadAttestors attestors, int pid, List<io.countersign.serverapi.types.Selector> selectors) {
        if (selectors.isEmpty() == (pid == 0)) {
            throw invalid(ONE_OF_THEM);
        }
        return pid == 0 ? vouchedFor(selectors) : attested(attestors, pid);
    }

    /** What a delegate says counts as seen: it is why it was named one. */
    private static Subject vouchedFor(List<io.countersign.serverapi.types.Selector> selectors) {
        var seen = new HashMap<Selector, Assurance>();
        for (var selector : selectors) {
            if (selector.getType().isEmpty()
                    || selector.getType().contains(":")
                    || selector.getValue().isEmpty()) {
                throw invalid("could not parse provided selectors");
            }
            seen.put(new Selector(selector.getType(), selector.getValue()), Assurance.KERNEL);
        }
        return new Subject(new Attestation(seen, false), Optional.empty());
    }

    private static Subject attested(WorkloadAttestors attestors, int pid) {
        var process = LocalProcess.running(pid).orElseThrow(Delegates::unattested);
        try {
            return new Subject(attestors.attest(process), Optional.of(process));
        } catch (StatusRuntimeException e) {
            throw Delegates.asTheOriginal(e);
        }
    }

    private static StatusRuntimeException invalid(String words) {
        return Status.INVALID_ARGUMENT.withDescription(words).asRuntimeException();
    }

    /** What a delegate may have of it: nobody acts for administrators and servers. */
    List<RegistrationEntry> entries(Snapshot snapshot) {
        return snapshot.entriesOf(attestation).stream()
                .filter(entry -> !entry.privileged())
                .toList();
    }

    /** @throws StatusRuntimeException if it was a process that has gone since, so that its number may mean another */
    void requireAlive() {
        if (process.isPresent() && !process.get().isStillThere()) {
            throw Status.UNAVAILABLE
                    .withDescription("the process that was named is not there any more")
                    .asRuntimeException();
        }
    }
}
