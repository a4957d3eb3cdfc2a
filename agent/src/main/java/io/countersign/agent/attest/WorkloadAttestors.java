// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import io.grpc.Status;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks all attestors about a caller and makes sure that it is still the same process afterwards. Thread-safe. */
public final class WorkloadAttestors {
    private static final Logger log = LoggerFactory.getLogger(WorkloadAttestors.class);

    private final List<WorkloadAttestor> attestors;
    private final boolean claimsSuffice;

    public WorkloadAttestors(List<WorkloadAttestor> attestors, boolean claimsSuffice) {
        this.attestors = List.copyOf(attestors);
        this.claimsSuffice = claimsSuffice;
    }

    /**
     * Attests the process whose call this thread serves. One attestor that fails takes only its own selectors away.
     *
     * @throws io.grpc.StatusRuntimeException UNAVAILABLE if all fail; UNAUTHENTICATED if the process is gone
     */
    public Attestation attestCaller() {
        if (!(Peer.current() instanceof Peer.LocalProcess process)) {
            throw Status.UNAUTHENTICATED
                    .withDescription("the caller is no process of this machine, expected a call by the Unix socket")
                    .asRuntimeException();
        }
        var selectors = new HashMap<Selector, Assurance>();
        int failed = 0;
        for (var attestor : attestors) {
            try {
                attestor.attest(process).forEach(selector -> selectors.put(selector, attestor.assurance()));
            } catch (IOException e) {
                failed++;
                log.warn("attestor {} could not look at pid {}: {}", attestor.name(), process.pid(), e.getMessage());
            }
        }
        if (!process.isStillThere()) {
            throw Status.UNAUTHENTICATED
                    .withDescription("the process that connected is not there any more")
                    .asRuntimeException();
        }
        if (failed == attestors.size()) {
            throw Status.UNAVAILABLE
                    .withDescription("workload attestation failed")
                    .asRuntimeException();
        }
        log.debug("pid {} has the selectors {}", process.pid(), selectors.keySet());
        return new Attestation(selectors, claimsSuffice);
    }
}
