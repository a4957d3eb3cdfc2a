// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.metrics.ServerCalls;
import io.countersign.agent.node.NodeRefusedException;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.node.Retry;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerWatch;
import io.countersign.agent.server.ServerWatch.Word;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.TrustDomain;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
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
    private static final Duration ENDING = Duration.ofSeconds(5);

    private final ManagedChannel channel;
    private final Server server;
    private final OwnIdentity own;
    private final Snapshots snapshots;
    private final AgentConfig config;
    private final ServerCalls calls;
    private final Signing signing;
    private final FederatedBundles federatedBundles;
    private final InstantSource clock;
    private final Retry retry;
    private final CompletableFuture<Instant> firstEntries = new CompletableFuture<>();
    private final CompletableFuture<Instant> firstSync = new CompletableFuture<>();
    private final CompletableFuture<NodeRefusedException> refused = new CompletableFuture<>();
    private final ServerWatch watch;
    private final Withdrawn withdrawn = new Withdrawn();
    private final Thread thread = Thread.ofVirtual().name("upkeep").unstarted(this::run);
    private final AtomicLong changes = new AtomicLong();
    private final AtomicLong bundleChanges = new AtomicLong();
    private final Semaphore wakeUp = new Semaphore(0);
    private volatile boolean closed;
    private long changesSeen;
    private long bundleChangesSeen;
    private volatile Instant lastSync = Instant.EPOCH;
    private volatile Standing standing = new Standing.Synchronised();

    public Upkeep(
            ManagedChannel channel,
            OwnIdentity own,
            Snapshots snapshots,
            AgentConfig config,
            ServerCalls calls,
            InstantSource clock) {
        this.channel = channel;
        this.server = new Server(channel);
        this.own = own;
        this.snapshots = snapshots;
        this.config = config;
        this.calls = calls;
        this.signing = new Signing(server, snapshots, config, calls, clock, () -> changed(Word.ENTRIES));
        this.federatedBundles = new FederatedBundles(server);
        this.clock = clock;
        this.retry = new Retry(log, clock, TICK, LONGEST_PAUSE);
        this.watch = new ServerWatch(channel, this::changed);
    }

    public Upkeep start() {
        thread.start();
        watch.start();
        return this;
    }

    private void changed(Word said) {
        if (said == Word.ANYTHING) {
            bundleChanges.incrementAndGet();
        }
        changes.incrementAndGet();
        wakeUp.release();
    }

    /** The JWT authorities whose tokens are not to be handed out again: tainted now, or gone. */
    public Set<String> taintedKeys() {
        return withdrawn.tokenKeys();
    }

    /** Done when entries and bundles are there for the first time: who asks can be told, or waits for a certificate. */
    public CompletableFuture<Instant> firstEntries() {
        return firstEntries;
    }

    /** Done when entries, bundles and certificates are there for the first time. */
    public CompletableFuture<Instant> firstSync() {
        return firstSync;
    }

    public Standing standing() {
        return standing;
    }

    /** When entries and bundles have come last; the epoch before the first time. */
    public Instant lastSync() {
        return lastSync;
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

    private Duration step() throws InterruptedException {
        try {
            own.renewIfDue(server, channel);
            synchronizeIfDue();
            firstEntries.complete(lastSync);
            signing.run();
            if (firstSync.complete(lastSync)) {
                // not before, as it would take the time of those who wait for the first ones
                signing.prepare();
            }
            standing = new Standing.Synchronised();
            retry.succeeded();
            return TICK;
        } catch (StatusRuntimeException e) {
            return closed ? TICK : failed(e);
        } catch (NodeRefusedException e) {
            return serves() ? stranded(String.valueOf(e.getMessage())) : end(e);
        } catch (UncheckedIOException e) {
            return stranded(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("the synchronisation failed, and is tried again");
            return stranded("the agent failed; its log says why");
        }
    }

    private void synchronizeIfDue() {
        long known = changes.get();
        long knownBundles = bundleChanges.get();
        try {
            if (knownBundles != bundleChangesSeen || isIntervalOver()) {
                synchronize();
            } else if (known != changesSeen) {
                synchronizeEntries();
            }
        } catch (StatusRuntimeException e) {
            if (Refusals.isReached(e) && Refusals.reason(e).isEmpty()) {
                // a server that answers this wrongly may sign well, and certificates end
                signing.run();
            }
            throw e;
        }
        changesSeen = known;
        bundleChangesSeen = knownBundles;
    }

    /** So is one that has not begun, after the clock was set back. */
    private boolean isIntervalOver() {
        var now = clock.instant();
        return now.isBefore(lastSync) || !now.isBefore(lastSync.plus(config.syncInterval()));
    }

    private Duration failed(StatusRuntimeException failure) throws InterruptedException {
        // gRPC's own pause between connections grows to two minutes, too long for certificates of seconds
        channel.resetConnectBackoff();
        if (failure.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
            // a server that has gone without a word leaves a connection that seems well for a quarter of an hour
            channel.enterIdle();
            watch.again();
        }
        var words = "the server cannot be asked: " + Refusals.words(failure);
        var reason = Refusals.reason(failure);
        if (reason.isPresent()) {
            return refused(reason.get(), failure);
        }
        if (Refusals.isUntrusted(failure)) {
            return stranded(words + "; " + own.serverIsUntrusted(channel));
        }
        if (own.hasEnded()) {
            return stranded("the identity of this node has ended, " + words);
        }
        return Refusals.isOwnCertificateRefused(failure) && own.isReattestable() ? unaccepted(words) : waiting(words);
    }

    /** As when the server says itself that it does not know the node; here it has not come to be asked. */
    private Duration unaccepted(String words) {
        return own.proveAgain()
                ? stranded(words + "; it does not accept the proof of this node either")
                : waiting(words + "; the node proves itself again");
    }

    /** A ban is for good. Otherwise a node that serves goes on and proves itself again; one that has nothing yet may not. */
    private Duration refused(Reason reason, StatusRuntimeException failure) {
        var words = "the server does not take \"" + own.svid().id() + "\" any more (" + reason + "); ";
        if (reason == Reason.AGENT_BANNED) {
            return end(new NodeRefusedException(
                    words + "only an operator who deletes the agent can let it in again", failure));
        }
        if (!own.isReattestable() && !serves()) {
            return end(new NodeRefusedException(words + "start again with a new join token", failure));
        }
        if (own.proveAgain()) {
            return stranded(words
                    + (own.isReattestable()
                            ? "it does not accept the proof of this node either"
                            : "put a new join token into join_token_file, or start again with one"));
        }
        return waiting(words + "the node proves itself again");
    }

    private boolean serves() {
        return firstSync.isDone() || !snapshots.current().entries().isEmpty();
    }

    private Duration end(NodeRefusedException refusal) {
        own.forget();
        refused.complete(refusal);
        return TICK;
    }

    private Duration waiting(String why) {
        standing = new Standing.Waiting(standing.since(clock.instant()), why);
        return retry.failed(why, longestPause());
    }

    private Duration stranded(String why) {
        if (!(standing instanceof Standing.Stranded)) {
            retry.speakUp();
        }
        standing = new Standing.Stranded(standing.since(clock.instant()), why);
        return retry.failed(why, longestPause());
    }

    /** A tenth of what is left of the certificate that ends first, so that none ends between two tries. */
    private Duration longestPause() {
        var now = clock.instant();
        return Stream.concat(
                        Stream.of(own.svid()),
                        snapshots.current().svids().values().stream().map(IssuedSvid::svid))
                .map(svid -> Duration.between(now, svid.expiresAt()).dividedBy(10))
                .filter(Duration::isPositive)
                .min(Comparator.naturalOrder())
                .map(tenth -> tenth.compareTo(TICK) < 0 ? TICK : tenth)
                .orElse(LONGEST_PAUSE);
    }

    private void synchronize() {
        var before = snapshots.current();
        var asked = CompletableFuture.supplyAsync(() -> server.bundle(before.trustDomain()), Thread.ofVirtual()::start);
        var entries = entries();
        var home = answer(asked);
        var bundles = federatedBundles.fetch(federated(entries), before.bundles());
        bundles.put(before.trustDomain(), home.bundle());
        own.serverIsTrusted();
        own.trust(home.bundle());
        boolean suspicious = withdrawn.isNewIn(home);
        if (suspicious && Withdrawn.isUnwanted(home, own.svid())) {
            own.renewSoon();
        }
        snapshots.update(snapshot -> {
            var svids = new HashMap<>(snapshot.svids());
            if (suspicious) {
                svids.replaceAll((_, svid) -> Withdrawn.isUnwanted(home, svid.svid()) ? svid.dueAt(Instant.MIN) : svid);
            }
            return new Snapshot(snapshot.version(), snapshot.trustDomain(), entries, svids, bundles);
        });
        withdrawn.take(home);
        lastSync = clock.instant();
    }

    /** When nothing else has changed, unless an entry goes with a bundle that is not here yet. */
    private void synchronizeEntries() {
        var entries = entries();
        if (!snapshots.current().bundles().keySet().containsAll(federated(entries))) {
            synchronize();
            return;
        }
        own.serverIsTrusted();
        snapshots.update(snapshot -> new Snapshot(
                snapshot.version(), snapshot.trustDomain(), entries, snapshot.svids(), snapshot.bundles()));
    }

    private Map<String, RegistrationEntry> entries() {
        var entries = calls.counted(
                "manager_sync_fetch_entries_updates",
                () -> config.deltaSync() ? server.entries(snapshots.current().entries()) : server.allEntries());
        signing.retain(entries.keySet());
        return entries;
    }

    private static <T> T answer(CompletableFuture<T> asked) {
        try {
            return asked.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StatusRuntimeException refused) {
                throw refused;
            }
            throw e;
        }
    }

    private Set<TrustDomain> federated(Map<String, RegistrationEntry> entries) {
        var domains = new HashSet<TrustDomain>();
        entries.values().forEach(entry -> domains.addAll(entry.federatesWith()));
        domains.remove(snapshots.current().trustDomain());
        return domains;
    }

    /** What was being written is written when this returns. */
    @Override
    public void close() {
        closed = true;
        wakeUp.release();
        watch.close();
        signing.close();
        channel.shutdownNow();
        try {
            if (thread.isAlive() && !thread.join(ENDING)) {
                log.warn("the synchronisation with the server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
