// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.JwtProvider.Keys;
import io.countersign.sidecar.bootstrap.RouteTable.Target;
import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What parts of a file say about each other. */
final class References {
    private References() {}

    static void check(Bootstrap bootstrap, Section root) {
        clusters(bootstrap, root);
        services(bootstrap.listeners()).forEach(service -> authorization(service, bootstrap, root));
        keys(bootstrap, root);
        secrets(bootstrap, root);
    }

    private static void clusters(Bootstrap bootstrap, Section root) {
        var wanted = new HashSet<String>();
        bootstrap.listeners().stream()
                .flatMap(ListenerConfig::allChains)
                .forEach(chain -> wanted.addAll(targets(chain.protocol())));
        for (var name : wanted) {
            if (!name.isEmpty() && !bootstrap.clusters().containsKey(name)) {
                root.problem("static_resources", "sends to cluster \"" + name + "\", which is not among the clusters");
            }
        }
        upgraded(bootstrap).forEach(cluster -> {
            if (cluster.http2()) {
                root.problem(
                        "static_resources",
                        "upgrades connections to cluster \"" + cluster.name()
                                + "\", which speaks HTTP/2; only HTTP/1.1 connections are upgraded");
            }
        });
    }

    private static void secrets(Bootstrap bootstrap, Section root) {
        var atAgents = BootstrapFile.secrets(bootstrap)
                .flatMap(secret -> secret instanceof SecretRef.AtAgent at ? Stream.of(at) : Stream.of())
                .toList();
        for (var secret : atAgents) {
            var agent = bootstrap.clusters().get(secret.cluster());
            if (agent == null) {
                root.problem(
                        "static_resources",
                        "asks cluster \"" + secret.cluster() + "\" for the secret \"" + secret.name()
                                + "\", which is not among the clusters");
            } else if (agent.endpoints().size() != 1 || !(agent.endpoints().getFirst() instanceof Address.Unix)) {
                root.problem(
                        "static_resources",
                        "asks cluster \"" + agent.name() + "\" for secrets, whose endpoint is " + agent.endpoints()
                                + ", expected one pipe");
            }
        }
        if (!atAgents.isEmpty()
                && (bootstrap.node().id().isEmpty()
                        || bootstrap.node().cluster().isEmpty())) {
            root.problem(
                    "node",
                    "needs id and cluster to ask for secrets; write them, or start with --service-node and "
                            + "--service-cluster");
        }
    }

    /** Clusters to which a route leads on which connections may change to another protocol. */
    private static Stream<Cluster> upgraded(Bootstrap bootstrap) {
        return https(bootstrap.listeners())
                .flatMap(http -> http.routes().hosts().stream()
                        .flatMap(host -> host.routes().stream())
                        .flatMap(route -> route.target() instanceof Target.ToCluster to
                                        && (!http.upgrades().isEmpty()
                                                || to.upgrades().containsValue(true))
                                ? Stream.of(to.cluster())
                                : Stream.of()))
                .distinct()
                .flatMap(name -> Optional.ofNullable(bootstrap.clusters().get(name)).stream());
    }

    private static List<String> targets(ListenerConfig.Protocol protocol) {
        return switch (protocol) {
            case ListenerConfig.TcpTunnel tunnel -> List.of(tunnel.cluster());
            case HttpConnections http ->
                http.routes().hosts().stream()
                        .flatMap(host -> host.routes().stream())
                        .flatMap(route -> switch (route.target()) {
                            case Target.ToCluster to -> Stream.of(to.cluster());
                            case Target.Answer answer -> Stream.<String>empty();
                        })
                        .toList();
        };
    }

    private static void authorization(GrpcService service, Bootstrap bootstrap, Section root) {
        var name = service.target().cluster();
        var cluster = bootstrap.clusters().get(name);
        if (cluster == null && !name.isEmpty()) {
            root.problem(
                    "static_resources",
                    "asks cluster \"" + name + "\" about requests, which is not among the clusters");
        } else if (cluster != null && !cluster.http2()) {
            root.problem(
                    "static_resources",
                    "asks cluster \"" + name
                            + "\" about requests, which speaks HTTP/1.1; gRPC needs HTTP/2, so give it "
                            + "http2_protocol_options");
        }
    }

    /** All that are asked about requests. */
    static Stream<GrpcService> services(List<ListenerConfig> listeners) {
        return https(listeners).flatMap(http -> http.filters().stream()).flatMap(filter -> switch (filter) {
            case HttpFilter.Authorization asked -> Stream.of(asked.settings().service());
            case HttpFilter.Roles roles -> Stream.empty();
            case HttpFilter.Tokens tokens -> Stream.empty();
        });
    }

    /** All whose tokens are good, by name. */
    private static Stream<Map.Entry<String, JwtProvider>> providers(List<ListenerConfig> listeners) {
        return https(listeners).flatMap(http -> http.filters().stream()).flatMap(filter -> switch (filter) {
            case HttpFilter.Tokens tokens -> tokens.settings().providers().entrySet().stream();
            case HttpFilter.Roles roles -> Stream.empty();
            case HttpFilter.Authorization asked -> Stream.empty();
        });
    }

    private static void keys(Bootstrap bootstrap, Section root) {
        var names = new HashSet<String>();
        providers(bootstrap.listeners()).forEach(entry -> {
            names.add(entry.getKey());
            var name = entry.getKey();
            switch (entry.getValue().keys()) {
                case Keys.Remote remote -> {
                    if (!bootstrap.clusters().containsKey(remote.cluster())) {
                        root.problem(
                                "static_resources",
                                "fetches the keys of \"" + name + "\" from cluster \"" + remote.cluster()
                                        + "\", which is not among the clusters");
                    }
                }
                case Keys.OfAgent(String cluster) -> {
                    if (agentSocket(bootstrap.clusters(), cluster).isEmpty()) {
                        root.problem(
                                "node",
                                "has jwt_svid_providers with cluster \"" + cluster + "\" for \"" + name
                                        + "\", expected a cluster of the file whose endpoint is one pipe to an agent");
                    }
                }
                case Keys.Inline inline -> {}
                case Keys.InFile file -> {}
            }
        });
        bootstrap.own().jwtSvidProviders().keySet().stream()
                .filter(name -> !names.contains(name))
                .forEach(name -> root.problem(
                        "node",
                        "has jwt_svid_providers with \"" + name + "\", which is no provider of a jwt_authn filter"));
    }

    /** Where the agent listens that a cluster stands for. */
    static Optional<Path> agentSocket(Map<String, Cluster> clusters, String name) {
        return Optional.ofNullable(clusters.get(name))
                .map(Cluster::endpoints)
                .filter(endpoints -> endpoints.size() == 1)
                .flatMap(endpoints ->
                        endpoints.getFirst() instanceof Address.Unix(Path path) ? Optional.of(path) : Optional.empty());
    }

    private static Stream<HttpConnections> https(List<ListenerConfig> listeners) {
        return listeners.stream()
                .flatMap(ListenerConfig::allChains)
                .flatMap(chain -> chain.protocol() instanceof HttpConnections http ? Stream.of(http) : Stream.of());
    }
}
