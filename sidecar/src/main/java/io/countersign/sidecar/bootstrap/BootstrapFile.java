// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.GrpcService.Target;
import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Reads a bootstrap file. */
public final class BootstrapFile {
    private BootstrapFile() {}

    /**
     * What the command line says about the node instead of the file.
     *
     * @param id {@code --service-node}, or empty
     * @param cluster {@code --service-cluster}, or empty
     */
    public record NodeOverride(String id, String cluster) {
        public static final NodeOverride NONE = new NodeOverride("", "");
    }

    /**
     * @throws IOException if the file cannot be read
     * @throws BootstrapException naming everything that is wrong or not supported
     */
    public static Bootstrap read(Path file, NodeOverride override) throws IOException {
        return parse(Files.readString(file), file.toString(), override);
    }

    /** @throws BootstrapException naming everything that is wrong or not supported */
    public static Bootstrap parse(String text, String fileName, NodeOverride override) {
        var problems = new Problems();
        var root = YamlTree.parse(text, problems);
        var result = root.map(node -> bootstrap(new Section(node, "", problems), override, source(node)));
        problems.check(fileName);
        return result.orElseThrow();
    }

    private static Map<String, @Nullable Object> source(MappingNode node) {
        return YamlTree.plain(node) instanceof Map<?, ?> map ? Shown.of(map) : Map.of();
    }

    private static Bootstrap bootstrap(Section root, NodeOverride override, Map<String, @Nullable Object> source) {
        try (root) {
            refuseKnown(root);
            var node = node(root, override);
            var own = root.section("node")
                    .flatMap(section -> section.section("metadata"))
                    .flatMap(metadata -> metadata.section("countersign"))
                    .map(OwnSettings::read)
                    .orElseGet(OwnSettings::standard);
            var admin = root.section("admin").flatMap(BootstrapFile::admin);
            var clusters = new LinkedHashMap<String, Cluster>();
            List<ListenerConfig> listeners = List.of();
            var resources = root.section("static_resources");
            if (resources.isPresent()) {
                try (var section = resources.get()) {
                    section.refuse("secrets", "name secrets of the agent");
                    for (var item : section.sections("clusters")) {
                        var cluster = ClusterReader.read(item);
                        if (clusters.put(cluster.name(), cluster) != null) {
                            item.problem("name", "is \"" + cluster.name() + "\", which another cluster has too");
                        }
                    }
                    listeners = section.sections("listeners").stream()
                            .flatMap(item -> ListenerReader.read(item, own).stream())
                            .toList();
                }
            }
            References.services(listeners).forEach(service -> {
                if (service.target() instanceof Target.Direct(Cluster direct)) {
                    clusters.putIfAbsent(direct.name(), direct);
                }
            });
            var bootstrap = new Bootstrap(node, own, admin, listeners, clusters, source);
            References.check(bootstrap, root);
            return bootstrap;
        }
    }

    private static void refuseKnown(Section root) {
        root.refuse(
                "dynamic_resources", "only secrets come over the network; write listeners and clusters into the file");
        root.refuse("layered_runtime", "there are no runtime switches");
        root.refuse("stats_sinks", "read /stats/prometheus of the admin listener");
        root.refuse("tracing", "there is no tracing");
        root.refuse("overload_manager", "use circuit_breakers");
        root.refuse("hds_config", "write health_checks into the clusters");
        root.refuse("watchdog", "there is no watchdog");
        root.refuse("cluster_manager", "clusters stand in the file");
    }

    private static Bootstrap.Node node(Section root, NodeOverride override) {
        var section = root.section("node");
        var id = section.map(node -> node.string("id", "")).orElse("");
        var cluster = section.map(node -> node.string("cluster", "")).orElse("");
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        section.ifPresent(node -> {
            if (node.plain("metadata") instanceof Map<?, ?> map) {
                map.forEach((key, value) -> metadata.put(String.valueOf(key), value));
            }
            node.refuse("locality", "all endpoints are used alike");
            node.close();
        });
        return new Bootstrap.Node(
                override.id().isEmpty() ? id : override.id(),
                override.cluster().isEmpty() ? cluster : override.cluster(),
                metadata);
    }

    private static Optional<Bootstrap.Admin> admin(Section section) {
        try (section) {
            section.refuse("profile_path", "use the tools of the Java virtual machine");
            section.refuse("socket_options", "the operating system's standard ones are used");
            var logs = Stream.concat(
                            AccessLogReader.read(section, "access_log").stream(),
                            AccessLogReader.readPath(section, "access_log_path").stream())
                    .toList();
            return section.has("address")
                    ? Optional.of(new Bootstrap.Admin(AddressReader.tcp(section, "address"), logs))
                    : Optional.empty();
        }
    }

    /** Every secret that the file names, each once. */
    public static Stream<SecretRef> secrets(Bootstrap bootstrap) {
        var settings = Stream.concat(
                bootstrap.listeners().stream()
                        .flatMap(ListenerConfig::allChains)
                        .flatMap(chain -> chain.tls().stream())
                        .map(TlsSettings.Downstream::common),
                bootstrap.clusters().values().stream()
                        .flatMap(cluster -> cluster.tls().stream())
                        .map(TlsSettings.Upstream::common));
        return settings.flatMap(tls -> Stream.concat(
                        tls.certificate().stream(), tls.validation().stream().map(TlsSettings.Validation::trust)))
                .distinct();
    }
}
