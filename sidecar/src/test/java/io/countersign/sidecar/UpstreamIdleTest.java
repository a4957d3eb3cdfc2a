// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections to a cluster that nobody has used for as long as its file says. */
@Timeout(60)
class UpstreamIdleTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"http_protocol_options", "http2_protocol_options"})
    void connectionWithoutRequestsIsGivenUp(String protocol) throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var upstream = hop.start(
                    PlainFile.of(
                            "", "connect_timeout: 20s", hop.app.getAddress().getPort()),
                    text -> text);
            var options = """
                    typed_extension_protocol_options:
                          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                            common_http_protocol_options: {idle_timeout: 0.1s}
                            explicit_http_config: {%s: {}}""".formatted(protocol);
            var sidecar = hop.start(
                    PlainFile.of(
                            "",
                            options,
                            upstream.address("outbound").orElseThrow().getPort()),
                    text -> text);

            assertEquals(200, hop.get(sidecar, "/").statusCode());
            await(hop, sidecar, "cluster.app.upstream_cx_active: 0\n");
            await(hop, sidecar, "cluster.app.upstream_cx_idle_timeout: 1\n");

            assertEquals(200, hop.get(sidecar, "/").statusCode());
            await(hop, sidecar, "cluster.app.upstream_cx_total: 2\n");
        }
    }

    private static void await(Hop hop, Sidecar sidecar, String statistic) throws Exception {
        Hop.await(statistic, () -> {
            try {
                return hop.admin(sidecar, "/stats").contains(statistic);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }
}
