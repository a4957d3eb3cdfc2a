// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.NodeAttestorSettings.Cluster;
import io.countersign.server.config.NodeAttestorSettings.K8sPsat;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an agent gets in that runs in a pod. The API server is one of ours that answers as a real one does. */
@Timeout(60)
class K8sPsatTest {
    private static final String GOOD = "{\"cluster\":\"prod\",\"token\":\"the-token\"}";

    @TempDir
    Path folder;

    private TestApiServer api;
    private Optional<TestServer> started = Optional.empty();

    @BeforeEach
    void open() throws Exception {
        api = TestApiServer.start(folder);
    }

    @AfterEach
    void close() {
        started.ifPresent(TestServer::close);
        api.close();
    }

    private Newcomer newcomer(Cluster cluster) throws Exception {
        var server = TestServer.start(
                folder, config -> TestConfig.nodeAttestors(config, new K8sPsat(Map.of("prod", cluster))));
        started = Optional.of(server);
        return new Newcomer(server, "k8s_psat");
    }

    private Cluster cluster(boolean byPod) {
        return new Cluster(
                Set.of("spire:spire-agent"),
                List.of("spire-server", "other"),
                Optional.of(api.kubeConfig()),
                Set.of("topology.kubernetes.io/zone"),
                Set.of("app"),
                byPod);
    }

    private Newcomer newcomer() throws Exception {
        return newcomer(cluster(false));
    }

    private static void assertRefused(Code code, String words, Status status) {
        assertEquals(code, status.getCode(), status::toString);
        assertEquals("nodeattestor(k8s_psat): " + words, status.getDescription());
    }

    @Test
    void anAgentInAPodIsLetInAgainAndAgain() throws Exception {
        var newcomer = newcomer();

        var admitted = newcomer.attest(GOOD, _ -> "");

        var id = TestConfig.id("/spire/agent/k8s_psat/prod/node-uid-1");
        assertEquals(id, admitted.svid().id());
        assertTrue(admitted.reattestable());
        var agent = newcomer.server()
                .agents()
                .getAgent(GetAgentRequest.newBuilder().setId(Ids.message(id)).build());
        assertEquals(
                Set.of(
                        "cluster:prod",
                        "agent_ns:spire",
                        "agent_sa:spire-agent",
                        "agent_pod_name:agent-x1",
                        "agent_pod_uid:pod-uid-1",
                        "agent_node_ip:10.0.0.7",
                        "agent_node_name:machine-7",
                        "agent_node_uid:node-uid-1",
                        "agent_node_label:topology.kubernetes.io/zone:a",
                        "agent_pod_label:app:agent"),
                agent.getSelectorsList().stream()
                        .map(selector -> {
                            assertEquals("k8s_psat", selector.getType());
                            return selector.getValue();
                        })
                        .collect(Collectors.toSet()));
        assertTrue(api.lastReview().contains("\"audiences\":[\"spire-server\",\"other\"]"), api::lastReview);
        assertEquals(id, newcomer.attest(GOOD, _ -> "").svid().id());
    }

    @Test
    void anAgentMayHaveTheIdOfItsPod() throws Exception {
        assertEquals(
                TestConfig.id("/spire/agent/k8s_psat/prod/pod/pod-uid-1"),
                newcomer(cluster(true)).attest(GOOD, _ -> "").svid().id());
    }

    @Test
    void withoutAudiencesTheApiServerTakesItsOwn() throws Exception {
        var own = new Cluster(
                Set.of("spire:spire-agent"), List.of(), Optional.of(api.kubeConfig()), Set.of(), Set.of(), false);
        api.replace("\"audiences\":[\"spire-server\"],", "");

        var _ = newcomer(own).attest(GOOD, _ -> "");

        assertTrue(!api.lastReview().contains("audiences"), api::lastReview);
    }

    @Test
    void renewedCredentialsAreTaken() throws Exception {
        var newcomer = newcomer();
        api.renewToken();

        var _ = newcomer.attest(GOOD, _ -> "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x                              | failed to unmarshal data payload: .*
            {"token": "t"}                 | missing cluster in attestation data
            {"cluster": "prod"}            | missing token in attestation data
            {"cluster": "c", "token": "t"} | not configured for cluster "c"
            """)
    void whatIsNoTokenIsRefused(String payload, String words) throws Exception {
        var refusal = newcomer().refusal(payload, _ -> "");

        assertEquals(Code.INVALID_ARGUMENT, refusal.getCode(), refusal::toString);
        assertTrue(
                String.valueOf(refusal.getDescription()).matches("nodeattestor\\(k8s_psat\\): " + words),
                refusal::toString);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "authenticated":true         | "authenticated":false     | PERMISSION_DENIED | token not authenticated according to TokenReview API for cluster "prod"
            "authenticated":true         | "error":"it has expired"  | INTERNAL          | unable to validate token with TokenReview API for cluster "prod": token review API response contains an error: it has expired
            ["spire-server"]             | ["elsewhere"]             | INTERNAL          | unable to validate token with TokenReview API for cluster "prod": token review API did not validate audience: wanted one of ["spire-server", "other"] but got ["elsewhere"]
            serviceaccount:spire:spire-a | serviceaccount:spire:a    | PERMISSION_DENIED | "spire:agent" is not an allowed service account for cluster "prod"
            system:serviceaccount:spire: | kubernetes-admin          | INTERNAL          | failed to parse username from token review status for cluster "prod": unexpected username format: kubernetes-adminspire-agent
            ["agent-x1"]                 | []                        | INTERNAL          | failed to get pod name from token review status for cluster "prod": missing pod name
            ["pod-uid-1"]                | ["a","b"]                 | INTERNAL          | failed to get pod UID from token review status for cluster "prod": expected 1 UID but got: 2
            ["pod-uid-1"]                | ["pod-uid-2"]             | PERMISSION_DENIED | pod UID mismatch for pod "agent-x1" in cluster "prod": token bound to pod UID "pod-uid-2"
            ["agent-x1"]                 | ["agent-x2"]              | INTERNAL          | failed to get pod from k8s API server for cluster "prod": unable to query pods API: 404 pods "agent-x2" not found
            ["agent-x1"]                 | ["../x"]                  | INTERNAL          | failed to get pod from k8s API server for cluster "prod": "../x" is no name of an object
            "machine-7"                  | "machine-8"               | INTERNAL          | failed to get node from k8s API server for cluster "prod": unable to query nodes API: 404 nodes "machine-8" not found
            "uid":"node-uid-1"           | "uid":""                  | INTERNAL          | node UID is empty for cluster "prod"
            """)
    void whatTheApiServerDoesNotVouchForIsRefused(String from, String to, Code code, String words) throws Exception {
        api.replace(from, to);

        assertRefused(code, words, newcomer().refusal(GOOD, _ -> ""));
    }

    @Test
    void anApiServerThatCannotBeAskedIsNamed() throws Exception {
        var newcomer = newcomer();
        api.close();

        var refusal = newcomer.refusal(GOOD, _ -> "");

        assertEquals(Code.INTERNAL, refusal.getCode());
        assertTrue(
                String.valueOf(refusal.getDescription())
                        .startsWith("nodeattestor(k8s_psat): unable to validate token with TokenReview API for cluster"
                                + " \"prod\": unable to query token review API: "),
                refusal::toString);
    }
}
