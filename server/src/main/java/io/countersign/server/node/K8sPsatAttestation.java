// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.datastore.Selector;
import io.countersign.rpc.Peer;
import io.countersign.server.config.NodeAttestorSettings.Cluster;
import io.countersign.server.config.NodeAttestorSettings.K8sPsat;
import io.countersign.server.kubernetes.ApiServer;
import io.countersign.server.kubernetes.TokenReview.ServiceAccount;
import io.countersign.server.kubernetes.TokenReview.User;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.json.Json;
import io.grpc.Status.Code;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lets an agent in that runs in a pod and shows the token that Kubernetes has projected into it, as SPIRE's {@code
 * NodeAttestor "k8s_psat"}. The cluster's own API server judges the token; its credentials are read for each attestation, so
 * that whoever renews them need not tell us.
 */
final class K8sPsatAttestation implements NodeAttestor {
    static final String TYPE = "k8s_psat";

    private final K8sPsat settings;
    private final TrustDomain trustDomain;

    K8sPsatAttestation(K8sPsat settings, TrustDomain trustDomain) {
        this.settings = settings;
        this.trustDomain = trustDomain;
    }

    @Override
    public String type() {
        return TYPE;
    }

    private record Shown(String cluster, String token) {}

    @Override
    public Step begin(ByteString payload, Peer peer) {
        var shown = shown(payload);
        var name = shown.cluster();
        var cluster = settings.clusters().get(name);
        if (cluster == null) {
            throw invalid("not configured for cluster \"" + name + "\"");
        }
        var unjudged = "unable to validate token with TokenReview API";
        try (var api = ask(name, unjudged, () -> ApiServer.open(cluster.kubeConfig()))) {
            var review = ask(name, unjudged, () -> api.review(shown.token(), cluster.audiences()));
            if (!review.authenticated()) {
                throw denied("token not authenticated according to TokenReview API for cluster \"" + name + "\"");
            }
            var account = ask(name, "failed to parse username from token review status", review.user()::serviceAccount);
            if (!cluster.serviceAccounts().contains(account.toString())) {
                throw denied("\"" + account + "\" is not an allowed service account for cluster \"" + name + "\"");
            }
            return proven(name, cluster, new Bound(api, review.user(), account));
        }
    }

    /** A token that counts, and who can say more about it. */
    private record Bound(ApiServer api, User user, ServiceAccount account) {}

    private Step proven(String name, Cluster cluster, Bound token) {
        var podName = ask(
                name,
                "failed to get pod name from token review status",
                () -> only(token.user().podNames(), "name"));
        var podUid = ask(
                name,
                "failed to get pod UID from token review status",
                () -> only(token.user().podUids(), "UID"));
        var pod = ask(
                name,
                "failed to get pod from k8s API server",
                () -> token.api().pod(token.account().namespace(), podName));
        if (!pod.uid().equals(podUid)) {
            throw denied("pod UID mismatch for pod \"" + podName + "\" in cluster \"" + name
                    + "\": token bound to pod UID \"" + podUid + "\"");
        }
        var node = ask(
                name,
                "failed to get node from k8s API server",
                () -> token.api().node(pod.nodeName()));
        if (node.uid().isEmpty()) {
            throw Refusal.of(TYPE, Code.INTERNAL, "node UID is empty for cluster \"" + name + "\"");
        }
        var selectors = new HashSet<>(Set.of(
                selector("cluster", name),
                selector("agent_ns", token.account().namespace()),
                selector("agent_sa", token.account().name()),
                selector("agent_pod_name", podName),
                selector("agent_pod_uid", podUid),
                selector("agent_node_ip", pod.hostIp()),
                selector("agent_node_name", pod.nodeName()),
                selector("agent_node_uid", node.uid())));
        selectors.addAll(labels("agent_node_label", node.labels(), cluster.nodeLabels()));
        selectors.addAll(labels("agent_pod_label", pod.labels(), cluster.podLabels()));
        return new Step.Proven(agentId(name, cluster.byPod() ? "pod/" + podUid : node.uid()), true, selectors);
    }

    private static String only(List<String> values, String what) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("missing pod " + what);
        }
        if (values.size() > 1) {
            throw new IllegalArgumentException("expected 1 " + what + " but got: " + values.size());
        }
        if (values.getFirst().isEmpty()) {
            throw new IllegalArgumentException("pod " + what + " is empty");
        }
        return values.getFirst();
    }

    private static Set<Selector> labels(String kind, Map<String, String> labels, Set<String> allowed) {
        return labels.entrySet().stream()
                .filter(label -> allowed.contains(label.getKey()))
                .map(label -> selector(kind, label.getKey() + ":" + label.getValue()))
                .collect(Collectors.toSet());
    }

    private static Selector selector(String kind, String value) {
        return new Selector(TYPE, kind + ":" + value);
    }

    private SpiffeId agentId(String cluster, String suffix) {
        try {
            return AgentIds.of(trustDomain, "/" + TYPE + "/" + cluster + "/" + suffix);
        } catch (IllegalArgumentException e) {
            throw Refusal.of(TYPE, Code.INTERNAL, "failed to make spiffe id: " + e.getMessage());
        }
    }

    private interface Question<T> {
        T ask() throws IOException, InterruptedException;
    }

    /** What a failure is said to be a failure of, to nodes as to operators. */
    private static <T> T ask(String cluster, String failing, Question<T> question) {
        try {
            return question.ask();
        } catch (IOException | IllegalArgumentException e) {
            throw Refusal.of(TYPE, Code.INTERNAL, failing + " for cluster \"" + cluster + "\": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.of(TYPE, Code.CANCELLED, "the token was not judged to its end");
        }
    }

    private static Shown shown(ByteString payload) {
        Shown shown;
        try {
            var data = Json.parse(payload.toByteArray());
            shown = new Shown(GoJson.text(GoJson.member(data, "cluster")), GoJson.text(GoJson.member(data, "token")));
        } catch (IllegalArgumentException e) {
            throw invalid("failed to unmarshal data payload: " + e.getMessage());
        }
        if (shown.cluster().isEmpty()) {
            throw invalid("missing cluster in attestation data");
        }
        if (shown.token().isEmpty()) {
            throw invalid("missing token in attestation data");
        }
        return shown;
    }

    private static RuntimeException denied(String why) {
        return Refusal.of(TYPE, Code.PERMISSION_DENIED, why);
    }

    private static RuntimeException invalid(String why) {
        return Refusal.of(TYPE, Code.INVALID_ARGUMENT, why);
    }
}
