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

/** All secrets of a sidecar, one subscription each, one channel per agent. */
public final class Secrets implements AutoCloseable {
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final Map<SecretRef, SecretSubscription> subscriptions = new LinkedHashMap<>();

    public Secrets(Bootstrap bootstrap, Stats stats) {
        BootstrapFile.secrets(bootstrap).forEach(ref -> {
            var channel = channels.computeIfAbsent(ref.cluster(), name -> channel(bootstrap, name));
            subscriptions.put(ref, new SecretSubscription(ref, channel, bootstrap.node(), stats));
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
        subscriptions.values().forEach(SecretSubscription::start);
    }

    /** Blocks until every secret is there or its time is over. */
    public void awaitFirst() throws InterruptedException {
        for (var subscription : subscriptions.values()) {
            subscription.awaitFirst();
        }
    }

    /** @throws IllegalArgumentException if the file does not name the secret */
    public SecretSubscription subscription(SecretRef ref) {
        var found = subscriptions.get(ref);
        if (found == null) {
            throw new IllegalArgumentException("no subscription for secret \"" + ref.name() + "\"");
        }
        return found;
    }

    public Collection<SecretSubscription> all() {
        return subscriptions.values();
    }

    @Override
    public void close() {
        subscriptions.values().forEach(SecretSubscription::close);
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
