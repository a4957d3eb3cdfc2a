// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.listener.Listener;
import io.countersign.sidecar.sds.Secrets;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tls.RefusedPeers;
import io.countersign.sidecar.tls.TlsContexts;
import io.countersign.sidecar.upstream.UpstreamCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Everything that the admin listener may look at. */
public record AdminView(
        Bootstrap bootstrap,
        Path file,
        String version,
        Lifecycle lifecycle,
        Stats stats,
        Secrets secrets,
        List<TlsContexts> contexts,
        RefusedPeers refused,
        List<Listener> listeners,
        Map<String, UpstreamCluster> clusters) {}
