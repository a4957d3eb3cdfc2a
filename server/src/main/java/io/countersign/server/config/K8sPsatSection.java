// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.server.config.NodeAttestorSettings.Cluster;
import io.countersign.server.config.NodeAttestorSettings.K8sPsat;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The settings of {@code NodeAttestor "k8s_psat"}. */
final class K8sPsatSection {
    private static final List<String> STANDARD_AUDIENCES = List.of("spire-server");
    /** It becomes a part of SPIFFE IDs. */
    private static final Pattern CLUSTER = Pattern.compile("[A-Za-z0-9_.-]+");

    private K8sPsatSection() {}

    static K8sPsat read(ConfigBlock data) {
        var clusters = new LinkedHashMap<String, Cluster>();
        for (var cluster : data.mergedBlocks("clusters")) {
            var name = cluster.label();
            if (!CLUSTER.matcher(name).matches()) {
                cluster.block()
                        .problem(
                                "",
                                "\"" + name + "\" was found, expected a name of letters, digits, dots, dashes or"
                                        + " underscores");
            }
            clusters.put(name, cluster(cluster.block()));
        }
        if (clusters.isEmpty()) {
            data.problem("clusters", "is missing, expected at least one cluster");
        }
        return new K8sPsat(clusters);
    }

    private static Cluster cluster(ConfigBlock block) {
        var accounts = block.strings("service_account_allow_list");
        if (accounts.isEmpty()) {
            block.problem(
                    "service_account_allow_list",
                    "is missing, expected at least one service account, as namespace:name");
        }
        return new Cluster(
                Set.copyOf(accounts),
                // an empty list means the API server's own audience
                block.has("audience") ? block.strings("audience") : STANDARD_AUDIENCES,
                block.string("kube_config_file").map(Path::of),
                Set.copyOf(block.strings("allowed_node_label_keys")),
                Set.copyOf(block.strings("allowed_pod_label_keys")),
                block.bool("use_pod_uid_for_agent_id", false));
    }
}
