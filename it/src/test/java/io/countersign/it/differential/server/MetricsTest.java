// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.trustdomain.ListFederationRelationshipsRequest;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import io.countersign.serverapi.types.SPIFFEID;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Metrics: after the same calls ours shows every name of the original, with its kind and its labels, but for those left out. */
@Tag("foreign")
@Timeout(120)
class MetricsTest {
    /** About the inside of the original, or of Go; {@code docs/operate/metrics.md} says so. */
    private static final Pattern LEFT_OUT =
            Pattern.compile("(go|process|promhttp)_.*|spire_server_(runtime|datastore|ca_manager"
                    + "|entry_cache|server_key_manager|rateLimit|manager_jwt_key|svid_rotate|bundle_manager)_?.*");

    private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:]+[a-zA-Z0-9_:]*)(?:\\{([^}]*)})? .*");

    @TempDir
    Path folder;

    @Test
    void namesKindsAndLabelsAreTheOriginals() throws Exception {
        var original = metrics(Side.ORIGINAL);
        var ours = metrics(Side.OURS);

        var wanted = original.stream()
                .filter(series -> !LEFT_OUT.matcher(series).matches())
                .collect(Collectors.toCollection(TreeSet::new));
        assertFalse(wanted.isEmpty());
        var missing = new TreeSet<>(wanted);
        missing.removeAll(ours);
        assertEquals(Set.of(), missing);
    }

    private Set<String> metrics(Side side) throws Exception {
        int port = RunningServer.freePort();
        var telemetry = "telemetry { Prometheus { host = \"127.0.0.1\"  port = " + port + " } }\n";
        try (var server = RunningServer.start(side, folder.resolve(side.name()), "", telemetry)) {
            var channel = RpcChannels.unix(server.socket());
            try {
                ask(channel);
            } finally {
                channel.shutdownNow();
            }
            var last = "spire_server_rpc_trustdomain_v1_trust_domain_list_federation_relationships";
            Await.until(
                    Duration.ofSeconds(20),
                    "the last call is not counted",
                    () -> fetch(port).contains(last));
            return series(fetch(port));
        }
    }

    private static void ask(Channel channel) {
        var _ = EntryGrpc.newBlockingStub(channel).listEntries(ListEntriesRequest.getDefaultInstance());
        assertThrows(
                StatusRuntimeException.class,
                () -> EntryGrpc.newBlockingStub(channel)
                        .getEntry(GetEntryRequest.newBuilder().setId("nothing").build()));
        var _ = AgentGrpc.newBlockingStub(channel).countAgents(CountAgentsRequest.getDefaultInstance());
        var _ = AgentGrpc.newBlockingStub(channel)
                .createJoinToken(CreateJoinTokenRequest.newBuilder().setTtl(60).build());
        var _ = BundleGrpc.newBlockingStub(channel).getBundle(GetBundleRequest.getDefaultInstance());
        var _ = LocalAuthorityGrpc.newBlockingStub(channel)
                .getX509AuthorityState(GetX509AuthorityStateRequest.getDefaultInstance());
        var _ = SVIDGrpc.newBlockingStub(channel)
                .mintJWTSVID(MintJWTSVIDRequest.newBuilder()
                        .setId(SPIFFEID.newBuilder()
                                .setTrustDomain(RunningServer.TRUST_DOMAIN)
                                .setPath("/web"))
                        .addAudience("a")
                        .build());
        var _ = TrustDomainGrpc.newBlockingStub(channel)
                .listFederationRelationships(ListFederationRelationshipsRequest.getDefaultInstance());
    }

    private static String fetch(int port) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            return client.send(request, BodyHandlers.ofString()).body();
        }
    }

    /** Such as {@code spire_server_rpc_… [host, status=OK]}: of labels the names, and of a status its value, too. */
    private static Set<String> series(String text) {
        var series = new TreeSet<String>();
        for (var line : text.lines().toList()) {
            var matched = SERIES.matcher(line);
            if (line.startsWith("# TYPE ")) {
                series.add(line.substring("# TYPE ".length()));
            } else if (matched.matches()) {
                var labels = matched.group(2) == null ? "" : matched.group(2);
                series.add(matched.group(1) + " "
                        + Arrays.stream(labels.split(",", -1))
                                .map(label -> label.startsWith("status=") || label.startsWith("quantile=")
                                        ? label
                                        : label.replaceAll("=.*", ""))
                                .sorted()
                                .toList());
            }
        }
        return series;
    }
}
