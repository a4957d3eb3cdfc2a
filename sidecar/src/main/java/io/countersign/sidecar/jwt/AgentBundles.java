// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.Watcher;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys of JWT-SVIDs at agents, kept fresh. The last that an agent has given stay while it is away. Thread-safe. */
public final class AgentBundles implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AgentBundles.class);

    private final Map<String, Watched> agents = new HashMap<>();

    /** @param sockets of agents, by the names of their clusters */
    public AgentBundles(Map<String, Path> sockets) {
        sockets.forEach((name, socket) -> agents.put(name, new Watched(WorkloadApiClient.connect("unix://" + socket))));
    }

    public void start() {
        agents.values().forEach(agent -> agent.client.watchJwtBundles(agent));
    }

    /** @param cluster one of those that this was made with */
    BundleSource of(String cluster) {
        return Objects.requireNonNull(agents.get(cluster), () -> "no agent " + cluster);
    }

    @Override
    public void close() {
        agents.values().forEach(agent -> agent.client.close());
    }

    private static final class Watched implements BundleSource, Watcher<Map<TrustDomain, TrustBundle>> {
        private final WorkloadApiClient client;
        private volatile Map<TrustDomain, TrustBundle> bundles = Map.of();

        Watched(WorkloadApiClient client) {
            this.client = client;
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return Optional.ofNullable(bundles.get(trustDomain));
        }

        @Override
        public void onUpdate(Map<TrustDomain, TrustBundle> update) {
            bundles = Map.copyOf(update);
        }

        @Override
        public void onError(WorkloadApiException error) {
            log.atWarn().addKeyValue("reason", error.getMessage()).log("stream of JWT bundles ended, trying again");
        }
    }
}
