// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.RenewalRule;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.metrics.ServerCalls;
import io.countersign.agent.server.ReadyRequests;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.Server.Signed;
import io.countersign.agent.server.Server.SigningRequest;
import io.grpc.StatusRuntimeException;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a certificate signed for each entry that has none, one that is due, or one of before the entry was changed. For one
 * thread.
 */
final class Signing implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Signing.class);

    private final Deferred deferred = new Deferred();
    private final Server server;
    private final Snapshots snapshots;
    private final ServerCalls calls;
    private final RenewalRule rule;
    private final ReadyRequests requests;
    private final InstantSource clock;
    private final Runnable overtaken;

    /** @param overtaken called when the server turns out to know other entries than the snapshot has */
    Signing(
            Server server,
            Snapshots snapshots,
            AgentConfig config,
            ServerCalls calls,
            InstantSource clock,
            Runnable overtaken) {
        this.server = server;
        this.snapshots = snapshots;
        this.calls = calls;
        this.rule = new RenewalRule(config.availabilityTarget());
        this.requests = new ReadyRequests(config.workloadKeyType());
        this.clock = clock;
        this.overtaken = overtaken;
    }

    /** Makes keys ahead from now on. */
    void prepare() {
        requests.start();
    }

    /** Those that are not there any more are forgotten. */
    void retain(Set<String> entries) {
        deferred.retain(entries);
    }

    /** @throws StatusRuntimeException if the server cannot be asked */
    void run() {
        Batches.growing(due(snapshots.current())).forEach(this::sign);
    }

    /** Those first for which there is nothing yet: somebody may wait. */
    private List<RegistrationEntry> due(Snapshot snapshot) {
        var now = clock.instant();
        return snapshot.entries().values().stream()
                .filter(entry -> !deferred.holds(entry, now))
                .filter(entry -> {
                    var held = snapshot.svids().get(entry.id());
                    return held == null || !held.edition().equals(entry.edition()) || !now.isBefore(held.renewAt());
                })
                .sorted(Comparator.comparing(
                                (RegistrationEntry entry) -> snapshot.svids().containsKey(entry.id()))
                        .thenComparing(RegistrationEntry::createdAt))
                .toList();
    }

    private void sign(List<RegistrationEntry> entries) {
        var wanted = entries.stream()
                .map(entry -> new SigningRequest(entry.id(), requests.next()))
                .toList();
        var signed = calls.counted("manager_sync_fetch_svids_updates", () -> server.sign(wanted));
        var fresh = new HashMap<String, IssuedSvid>();
        for (int i = 0; i < signed.size(); i++) {
            var entry = entries.get(i);
            switch (signed.get(i)) {
                case Signed.Issued(var svid)
                when svid.id().equals(entry.spiffeId()) -> {
                    deferred.issued(entry);
                    fresh.put(entry.id(), rule.issued(svid, entry.edition()));
                }
                case Signed.Issued(var svid) -> {
                    // not for those whom the selectors mean that are known here
                    overtaken.run();
                    refused(entry, "the server knows the entry as \"" + svid.id() + "\" and is asked for it again");
                }
                case Signed.Refused(var status) -> refused(entry, status.getCode() + " " + status.getDescription());
            }
        }
        snapshots.update(snapshot -> {
            var svids = new HashMap<>(snapshot.svids());
            svids.putAll(fresh);
            return new Snapshot(
                    snapshot.version(), snapshot.trustDomain(), snapshot.entries(), svids, snapshot.bundles());
        });
        log.atDebug().addKeyValue("count", fresh.size()).log("certificates issued");
    }

    private void refused(RegistrationEntry entry, String why) {
        deferred.refused(entry, clock.instant());
        log.atWarn()
                .addKeyValue("entry", entry.id())
                .addKeyValue("spiffe_id", entry.spiffeId())
                .log("no certificate was issued: {}", why);
    }

    @Override
    public void close() {
        requests.close();
    }
}
