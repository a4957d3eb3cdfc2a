// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.server.config.BundleConfigMap.Form;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The blocks {@code BundlePublisher}, of which {@code k8s_configmap} is the only kind here. */
final class PublisherSection {
    private static final String HINT = "refresh_hint";

    private PublisherSection() {}

    static List<BundleConfigMap> read(List<LabeledBlock> publishers, Notices notices) {
        if (publishers.size() > 1) {
            publishers.getLast().block().problem("", "is the second one, expected one with all clusters in it");
        }
        return publishers.stream()
                .flatMap(publisher -> places(publisher, notices).stream())
                .toList();
    }

    private static List<BundleConfigMap> places(LabeledBlock publisher, Notices notices) {
        var data = PluginSection.data(publisher);
        if (!publisher.label().equals("k8s_configmap")) {
            PluginSection.refuse(publisher, data, "bundle publisher", "k8s_configmap");
            return List.of();
        }
        var clusters = data.map(block -> block.mergedBlocks("clusters")).orElse(List.of());
        if (clusters.isEmpty()) {
            notices.add(
                    publisher.block(), "", "BundlePublisher \"k8s_configmap\" names no clusters and publishes nothing");
        }
        return clusters.stream().map(cluster -> place(cluster.block())).toList();
    }

    private static BundleConfigMap place(ConfigBlock cluster) {
        return new BundleConfigMap(
                required(cluster, "namespace"),
                required(cluster, "configmap_name"),
                required(cluster, "configmap_key"),
                cluster.string("kubeconfig_path").map(Path::of),
                form(cluster),
                hint(cluster));
    }

    private static Form form(ConfigBlock cluster) {
        var word = cluster.string("format");
        var form = word.flatMap(Form::named);
        if (form.isEmpty()) {
            cluster.problem(
                    "format",
                    (word.isEmpty() ? "is missing" : "\"" + word.get() + "\" was found")
                            + ", expected jwks, pem or spiffe");
        }
        return form.orElse(Form.PEM);
    }

    private static Optional<Duration> hint(ConfigBlock cluster) {
        var hint = cluster.duration(HINT);
        if (hint.isPresent() && hint.get().toSeconds() < 1) {
            cluster.problem(HINT, "\"" + cluster.string(HINT, "") + "\" was found, expected a second or more");
            return Optional.empty();
        }
        return hint;
    }

    private static String required(ConfigBlock cluster, String key) {
        var text = cluster.string(key);
        if (text.isEmpty()) {
            cluster.problem(key, "is missing");
        }
        return text.orElse("");
    }
}
