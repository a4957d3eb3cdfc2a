// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The blocks {@code Notifier}, of which {@code k8sbundle} is the only kind here. */
final class NotifierSection {
    private static final String FILE = "kube_config_file_path";
    private static final List<String> OF_ONE_CLUSTER = List.of("namespace", "config_map", "config_map_key", FILE);
    private static final String NO_LABELS = "is not supported: only a ConfigMap is written; remove it";

    private NotifierSection() {}

    static List<BundleConfigMap> read(List<LabeledBlock> notifiers) {
        var found = new ArrayList<BundleConfigMap>();
        if (notifiers.size() > 1) {
            notifiers.getLast().block().problem("", "is the second one, expected one with a list of clusters in it");
        }
        for (var notifier : notifiers) {
            var data = PluginSection.data(notifier);
            if (!notifier.label().equals("k8sbundle")) {
                PluginSection.refuse(notifier, data, "notifier", "k8sbundle");
            } else if (data.isEmpty()) {
                notifier.block().problem("plugin_data", "is missing, expected plugin_data {} at least");
            } else {
                found.addAll(places(data.get()));
            }
        }
        return found;
    }

    /** Without a list of clusters it is the one that the server runs in, as with the original. */
    private static List<BundleConfigMap> places(ConfigBlock data) {
        var places = new ArrayList<BundleConfigMap>();
        var clusters = data.blocks("clusters");
        if (clusters.isEmpty() || OF_ONE_CLUSTER.stream().anyMatch(data::has)) {
            places.add(place(data));
        }
        for (var cluster : clusters) {
            var place = place(cluster);
            if (place.kubeConfig().isEmpty()) {
                cluster.problem(FILE, "is missing, expected how another cluster is reached");
            }
            places.add(place);
        }
        return places;
    }

    private static BundleConfigMap place(ConfigBlock block) {
        List.of("api_service_label", "webhook_label").forEach(key -> block.refuse(key, NO_LABELS));
        return new BundleConfigMap(
                block.string("namespace", "spire"),
                block.string("config_map", "spire-bundle"),
                block.string("config_map_key", "bundle.crt"),
                block.string(FILE).map(Path::of));
    }
}
