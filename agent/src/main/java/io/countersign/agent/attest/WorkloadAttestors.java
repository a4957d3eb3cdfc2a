// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.attest.AttestationCache.Look;
import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.BoundedLog;
import io.countersign.rpc.Origin;
import io.countersign.rpc.Peer;
import io.countersign.rpc.ProcessImage;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks all attestors about a caller, at the same time and with a limit for each, and makes sure that it is still the same
 * process afterwards. What was found is kept for a moment. Thread-safe.
 */
public final class WorkloadAttestors {
    /** Where the call notes what was found out about its caller, for whoever has to say later who that was. */
    public static final Context.Key<AtomicReference<Optional<Attestation>>> FOUND =
            Context.key("io.countersign.agent.attestation");

    /** What the caller was when the call began, for those who have looked and do so again before it is answered. */
    public static final Context.Key<ProcessImage> CALLER = Context.key("io.countersign.agent.caller");

    private static final Logger log = LoggerFactory.getLogger(WorkloadAttestors.class);
    private static final Duration TURN = Duration.ofSeconds(10);

    private final List<WorkloadAttestor> attestors;
    private final boolean claimsSuffice;
    private final BoundedLog failures = new BoundedLog(log, "failed attestations");
    private final AttestationCache cache;
    private final FairShare<Origin> looks;
    private final Quota<Set<Selector>> workloads;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Apart apart;

    public WorkloadAttestors(
            List<WorkloadAttestor> attestors, boolean claimsSuffice, CallerLimits limits, InstantSource clock) {
        this.attestors = List.copyOf(attestors);
        this.claimsSuffice = claimsSuffice;
        this.cache = new AttestationCache(clock);
        this.looks = new FairShare<>(limits.attestations(), TURN);
        this.apart = new Apart(limits.attestations());
        this.workloads = new Quota<>(
                "this workload, of one or more processes,",
                limits.streamsPerWorkload(),
                limits.callsPerWorkload(),
                System::nanoTime);
    }

    /**
     * Attests the process whose call this thread serves. One attestor that fails takes only its own selectors away.
     *
     * @throws io.grpc.StatusRuntimeException UNAVAILABLE if all fail; UNAUTHENTICATED if the process is gone;
     *     RESOURCE_EXHAUSTED if it asks for more than its share
     */
    public Attestation attestCaller() {
        if (!(Peer.current() instanceof Peer.LocalProcess process)) {
            throw Status.UNAUTHENTICATED
                    .withDescription("the caller is no process of this machine, expected a call by the Unix socket")
                    .asRuntimeException();
        }
        var image = Optional.ofNullable(CALLER.get()).orElseThrow(WorkloadAttestors::gone);
        var attestation = attest(process, image);
        Optional.ofNullable(FOUND.get()).ifPresent(note -> note.set(Optional.of(attestation)));
        workloads.take(attestation.selectors().keySet());
        return attestation;
    }

    /** As {@link #attestCaller}, of any process and without limits. */
    public Attestation attest(Peer.LocalProcess process) {
        return attest(process, process.image().orElseThrow(WorkloadAttestors::gone));
    }

    private Attestation attest(Peer.LocalProcess process, ProcessImage image) {
        return cache.get(
                new AttestationCache.Key(process.pid(), image),
                () -> looks.take(Origin.of(process.pid(), process.uid()), "attestations", () -> look(process, image)));
    }

    private Look look(Peer.LocalProcess process, ProcessImage image) {
        long begin = System.nanoTime();
        var asked = new ArrayList<Future<Map<Selector, Assurance>>>();
        attestors.forEach(attestor -> asked.add(ask(attestor, process)));
        var selectors = new HashMap<Selector, Assurance>();
        int failed = 0;
        for (int i = 0; i < asked.size(); i++) {
            var found = answer(attestors.get(i), process, asked.get(i), begin);
            found.ifPresent(selectors::putAll);
            failed += found.isEmpty() ? 1 : 0;
        }
        if (!process.image().equals(Optional.of(image))) {
            throw gone();
        }
        if (failed == attestors.size()) {
            throw Status.UNAVAILABLE
                    .withDescription("workload attestation failed")
                    .asRuntimeException();
        }
        if (log.isDebugEnabled()) {
            var shown = selectors.keySet().stream().map(Selector::shown).toList();
            log.debug("pid {} has the selectors {}", process.pid(), shown);
        }
        return new Look(new Attestation(selectors, claimsSuffice), failed == 0);
    }

    private Future<Map<Selector, Assurance>> ask(WorkloadAttestor attestor, Peer.LocalProcess process) {
        if (attestor.readsTheProgram()) {
            return apart.submit(process, () -> attestor.attest(process));
        }
        return threads.submit(() -> attestor.attest(process));
    }

    /** Nothing, and said in the log, if the attestor could not look. */
    private Optional<Map<Selector, Assurance>> answer(
            WorkloadAttestor attestor, Peer.LocalProcess process, Future<Map<Selector, Assurance>> asked, long begin) {
        long left = attestor.patience().toNanos() - (System.nanoTime() - begin);
        try {
            return Optional.of(asked.get(Math.max(0, left), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error fatal) {
                throw fatal;
            }
            failures.log(
                    Level.WARN,
                    "attestor {} could not look at pid {}: {}",
                    attestor.name(),
                    process.pid(),
                    String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            asked.cancel(true);
            failures.log(
                    Level.WARN,
                    "attestor {} has not done with pid {} in {} s",
                    attestor.name(),
                    process.pid(),
                    attestor.patience().toSeconds());
        } catch (InterruptedException e) {
            asked.cancel(true);
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    private static StatusRuntimeException gone() {
        return Status.UNAUTHENTICATED
                .withDescription("the process that connected is not there any more")
                .asRuntimeException();
    }
}
