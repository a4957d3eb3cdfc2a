// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.node.NodeRefusedException;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.node.Retry;
import io.countersign.agent.server.CertificateRequest;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.Server.Signed;
import io.countersign.agent.server.Server.SigningRequest;
import io.countersign.agent.server.ServerWatch;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that keeps the snapshot up to date: twice a second it renews what is due, and at the sync interval, or when the
 * server says that something has changed, it asks for entries and bundles. While the server is away everything that was got
 * stays in use.
 */
public final class Upkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int BATCH = 500;

    private final Deferred deferred = new Deferred();
    private final ManagedChannel channel;
    private final Server server;
    private final OwnIdentity own;
    private final Snapshots snapshots;
    private final WorkloadKeyType keyType;
    private final Duration interval;
    private final InstantSource clock;
    private final Retry retry;
    private final CompletableFuture<Instant> firstSync = new CompletableFuture<>();
    private final CompletableFuture<NodeRefusedException> refused = new CompletableFuture<>();
    private final ServerWatch watch;
    private final AtomicLong changes = new AtomicLong();
    private final Semaphore wakeUp = new Semaphore(0);
    private volatile boolean closed;
    private long changesSeen;
    private volatile Instant lastSync = Instant.EPOCH;

    private Set<X509Certificate> tainted = Set.of();
    private volatile Set<String> taintedKeys = Set.of();

    public Upkeep(
            ManagedChannel channel,
            OwnIdentity own,
            Snapshots snapshots,
            WorkloadKeyType keyType,
            Duration interval,
            InstantSource clock) {
        this.channel = channel;
        this.server = new Server(channel);
        this.own = own;
        this.snapshots = snapshots;
        this.keyType = keyType;
        this.interval = interval;
        this.clock = clock;
        this.retry = new Retry(log, clock, TICK, LONGEST_PAUSE);
        this.watch = new ServerWatch(channel, this::changed);
    }

    public Upkeep start() {
        Thread.ofVirtual().name("upkeep").start(this::run);
        watch.start();
        return this;
    }

    private void changed() {
        changes.incrementAndGet();
        wakeUp.release();
    }

    /** The JWT authorities whose tokens are not to be handed out again. */
    public Set<String> taintedKeys() {
        return taintedKeys;
    }

    /** Done when entries, bundles and certificates are there for the first time. */
    public CompletableFuture<Instant> firstSync() {
        return firstSync;
    }

    /** Done when the server has refused this node for good; the loop has ended then. */
    public CompletableFuture<NodeRefusedException> refused() {
        return refused;
    }

    private void run() {
        try {
            Duration pause;
            do {
                pause = step();
                var _ = wakeUp.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                wakeUp.drainPermits();
            } while (!refused.isDone() && !closed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration step() {
        try {
            own.renewIfDue(server, channel);
            long known = changes.get();
            if (known != changesSeen || !clock.instant().isBefore(lastSync.plus(interval))) {
                synchronize();
                changesSeen = known;
            }
            sign();
            firstSync.complete(lastSync);
            retry.succeeded();
            return TICK;
        } catch (StatusRuntimeException e) {
            if (!closed) {
                giveUpIfRefused(e);
            }
            // gRPC's own pause between connections grows to two minutes, too long for certificates of seconds
            channel.resetConnectBackoff();
            return closed ? TICK : retry.failed("the server cannot be asked: " + Refusals.words(e));
        } catch (NodeRefusedException e) {
            own.forget();
            refused.complete(e);
            return TICK;
        } catch (UncheckedIOException e) {
            return retry.failed(String.valueOf(e.getMessage()));
        }
    }

    /** A node that may prove itself again does so instead, unless it is banned. */
    private void giveUpIfRefused(StatusRuntimeException failure) {
        Refusals.reason(failure).ifPresent(reason -> {
            if (own.isReattestable() && reason != Reason.AGENT_BANNED) {
                own.renewSoon();
                return;
            }
            own.forget();
            refused.complete(new NodeRefusedException(
                    "the server does not take \"" + own.svid().id() + "\" any more (" + reason
                            + "); "
                            + (own.isReattestable()
                                    ? "only an operator who deletes the agent can let it in again"
                                    : "start again with a new join token"),
                    failure));
        });
    }

    private void synchronize() {
        var known = snapshots.current();
        var entries = server.entries(known.entries());
        var bundles = new HashMap<TrustDomain, TrustBundle>();
        var home = server.bundle();
        bundles.put(known.trustDomain(), home.bundle());
        for (var domain : federated(entries)) {
            server.federatedBundle(domain).ifPresent(bundle -> bundles.put(domain, bundle));
        }
        own.trust(home.bundle());
        boolean moreTainted = !tainted.containsAll(home.tainted());
        if (moreTainted && home.taints(own.svid())) {
            own.renewSoon();
        }
        snapshots.update(snapshot -> {
            var svids = new HashMap<>(snapshot.svids());
            svids.keySet().retainAll(entries.keySet());
            if (moreTainted) {
                svids.replaceAll((_, svid) -> home.taints(svid.svid()) ? svid.dueAt(Instant.MIN) : svid);
            }
            return new Snapshot(snapshot.version(), snapshot.trustDomain(), entries, svids, bundles);
        });
        tainted = home.tainted();
        taintedKeys = home.taintedKeys();
        lastSync = clock.instant();
    }

    private Set<TrustDomain> federated(Map<String, RegistrationEntry> entries) {
        var domains = new HashSet<TrustDomain>();
        entries.values().forEach(entry -> domains.addAll(entry.federatesWith()));
        domains.remove(snapshots.current().trustDomain());
        return domains;
    }

    private void sign() {
        var due = due(snapshots.current());
        for (int from = 0; from < due.size(); from += BATCH) {
            sign(due.subList(from, Math.min(due.size(), from + BATCH)));
        }
    }

    private List<RegistrationEntry> due(Snapshot snapshot) {
        var now = clock.instant();
        return snapshot.entries().values().stream()
                .filter(entry -> !deferred.holds(entry, now))
                .filter(entry -> {
                    var held = snapshot.svids().get(entry.id());
                    return held == null || held.revision() != entry.revision() || !now.isBefore(held.renewAt());
                })
                .toList();
    }

    private void sign(List<RegistrationEntry> entries) {
        var requests = new ArrayList<SigningRequest>();
        for (var entry : entries) {
            requests.add(new SigningRequest(entry.id(), CertificateRequest.fresh(keyType)));
        }
        var signed = server.sign(requests);
        var fresh = new HashMap<String, IssuedSvid>();
        for (int i = 0; i < signed.size(); i++) {
            var entry = entries.get(i);
            switch (signed.get(i)) {
                case Signed.Issued(var svid) -> {
                    deferred.issued(entry);
                    fresh.put(entry.id(), IssuedSvid.of(svid, entry.revision()));
                }
                case Signed.Refused(var status) -> {
                    deferred.refused(entry, clock.instant());
                    log.atWarn()
                            .addKeyValue("entry", entry.id())
                            .addKeyValue("spiffe_id", entry.spiffeId())
                            .log("no certificate was issued: {} {}", status.getCode(), status.getDescription());
                }
            }
        }
        snapshots.update(snapshot -> {
            var svids = new HashMap<>(snapshot.svids());
            svids.putAll(fresh);
            svids.keySet().retainAll(snapshot.entries().keySet());
            return new Snapshot(
                    snapshot.version(), snapshot.trustDomain(), snapshot.entries(), svids, snapshot.bundles());
        });
        log.atDebug().addKeyValue("count", fresh.size()).log("certificates issued");
    }

    @Override
    public void close() {
        closed = true;
        wakeUp.release();
        watch.close();
        channel.shutdownNow();
    }
}
