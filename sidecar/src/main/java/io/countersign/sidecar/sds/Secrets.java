// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import io.countersign.rpc.RpcChannels;
import io.countersign.sidecar.bootstrap.Address;
import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import io.countersign.sidecar.stats.Stats;
import io.grpc.ManagedChannel;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All secrets of a sidecar, one source each, one channel per agent. */
public final class Secrets implements AutoCloseable {
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final Map<SecretRef, SecretSource> sources = new LinkedHashMap<>();

    public Secrets(Bootstrap bootstrap, Stats stats) {
        BootstrapFile.secrets(bootstrap).forEach(ref -> {
            sources.put(
                    ref,
                    switch (ref) {
                        case SecretRef.AtAgent at -> {
                            var channel = channels.computeIfAbsent(at.cluster(), name -> channel(bootstrap, name));
                            yield new SecretSubscription(at, channel, bootstrap.node(), stats);
                        }
                        case SecretRef.Identity identity -> new SecretFiles(identity, stats);
                        case SecretRef.Authorities authorities -> new SecretFiles(authorities, stats);
                        case SecretRef.InDocument document -> new SecretFiles(document, stats);
                    });
        });
    }

    private static ManagedChannel channel(Bootstrap bootstrap, String cluster) {
        var endpoints = bootstrap.clusters().containsKey(cluster)
                ? bootstrap.clusters().get(cluster).endpoints()
                : List.<Address>of();
        if (endpoints.size() == 1 && endpoints.getFirst() instanceof Address.Unix unix) {
            return RpcChannels.unix(unix.path());
        }
        throw new IllegalArgumentException("cluster \"" + cluster + "\" has no pipe to an agent");
    }

    public void start() {
        sources.values().forEach(SecretSource::start);
    }

    /** Blocks until every secret is there or its time is over. */
    public void awaitFirst() throws InterruptedException {
        for (var source : sources.values()) {
            source.awaitFirst();
        }
    }

    /** @throws IllegalArgumentException if the file does not name the secret */
    public SecretSource source(SecretRef ref) {
        var found = sources.get(ref);
        if (found == null) {
            throw new IllegalArgumentException("no source of secret \"" + ref.name() + "\"");
        }
        return found;
    }

    public Collection<SecretSource> all() {
        return sources.values();
    }

    @Override
    public void close() {
        sources.values().forEach(SecretSource::close);
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
