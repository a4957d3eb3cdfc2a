// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.bootstrap.BootstrapException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections to one port that are told apart by what their clients say first. */
@Timeout(60)
class FilterChainTest {
    private static final String CLOSED = "closed";

    @TempDir
    Path folder;

    private static String chain(String match, String says, boolean tls) {
        return "{filter_chain_match: {" + match + "}, " + rest(says, tls) + "}";
    }

    /** One that answers with this word. */
    private static String rest(String says, boolean tls) {
        var http =
                "filters: [{name: http, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network"
                        + ".http_connection_manager.v3.HttpConnectionManager, stat_prefix: " + says
                        + ", route_config: {virtual_hosts: [{name: all, domains: [\"*\"], routes: [{match: {prefix: /}, "
                        + "direct_response: {status: 200, body: {inline_string: " + says + "}}}]}]}, "
                        + "http_filters: [{name: r, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http"
                        + ".router.v3.Router}}]}}]";
        var socket = ", transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions"
                + ".transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {alpn_protocols: [one, two], "
                + "tls_certificate_sds_secret_configs: [{name: default, sds_config: {resource_api_version: V3, "
                + "api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: "
                + "{envoy_grpc: {cluster_name: agent}}}}}]}}}";
        return tls ? http + socket : http;
    }

    private String file(String extra, String... chains) {
        return """
                node: {id: x, cluster: y}
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                static_resources:
                  listeners:
                  - name: inbound
                    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                    %s
                    filter_chains: [%s]
                  clusters:
                  - name: agent
                    http2_protocol_options: {}
                    load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: %s}}}}]}]}
                """.formatted(extra, String.join(", ", chains), folder.resolve("a.sock"));
    }

    private static String secure(Sidecar sidecar, String name, String... protocols) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAnyone()}, null);
        int port = sidecar.address("inbound").orElseThrow().getPort();
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            var parameters = socket.getSSLParameters();
            if (!name.isEmpty()) {
                parameters.setServerNames(List.<SNIServerName>of(new SNIHostName(name)));
            }
            parameters.setApplicationProtocols(protocols);
            socket.setSSLParameters(parameters);
            return ask(socket);
        }
    }

    private static String plain(Sidecar sidecar) throws IOException {
        int port = sidecar.address("inbound").orElseThrow().getPort();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return ask(socket);
        }
    }

    private static String ask(Socket socket) throws IOException {
        socket.setSoTimeout(10_000);
        try {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            var text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return text.isEmpty() ? CLOSED : text.substring(text.indexOf("\r\n\r\n") + 4);
        } catch (IOException e) {
            return CLOSED;
        }
    }

    @Test
    void nameThatFitsBestWins() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var sidecar = hop.start(
                    file(
                            "",
                            chain("server_names: [A.test, c.test]", "whole", true),
                            chain("server_names: [\"*.a.test\"]", "longer", true),
                            chain("server_names: [\"*.test\"]", "shorter", true),
                            chain("", "any", true)),
                    text -> text);

            assertEquals("whole", secure(sidecar, "a.test"));
            assertEquals("whole", secure(sidecar, "C.TEST"));
            assertEquals("longer", secure(sidecar, "x.y.a.test"));
            assertEquals("shorter", secure(sidecar, "b.test"));
            assertEquals("any", secure(sidecar, "test"));
            assertEquals("any", secure(sidecar, ""));
        }
    }

    @Test
    void transportAndProtocolCountBehindTheName() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var sidecar = hop.start(
                    file(
                            "",
                            chain("transport_protocol: raw_buffer", "plain", false),
                            chain("transport_protocol: tls, application_protocols: [two]", "two", true),
                            chain("transport_protocol: tls, application_protocols: [one]", "one", true),
                            chain("server_names: [a.test], application_protocols: [one]", "named", true)),
                    text -> text);

            assertEquals("plain", plain(sidecar));
            assertEquals("two", secure(sidecar, "", "two", "one"));
            assertEquals("one", secure(sidecar, "b.test", "three", "one", "two"));
            assertEquals("named", secure(sidecar, "a.test", "one"));
            // the name is chosen, and what stands behind it does not fit
            assertEquals(CLOSED, secure(sidecar, "a.test", "two"));
            assertEquals(CLOSED, secure(sidecar, ""));
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains(".no_filter_chain_match: 2\n"), stats);
        }
    }

    @Test
    void allOthersGoToTheDefault() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var sidecar = hop.start(
                    file(
                            "default_filter_chain: {" + rest("default", false) + "}",
                            chain("server_names: [a.test]", "named", true)),
                    text -> text);

            assertEquals("named", secure(sidecar, "a.test"));
            assertEquals("default", plain(sidecar));
        }
    }

    @Test
    void whoSaysNothingIsCutOff() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var sidecar = hop.start(
                    file("listener_filters_timeout: 0.1s", chain("transport_protocol: raw_buffer", "plain", false)),
                    text -> text);

            int port = sidecar.address("inbound").orElseThrow().getPort();
            try (var silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
                silent.setSoTimeout(10_000);
                assertEquals(-1, silent.getInputStream().read());
            }
            assertTrue(hop.admin(sidecar, "/stats").contains(".downstream_pre_cx_timeout: 1\n"));
        }
    }

    @Test
    void whoseFirstWordsHaveNoEndIsCutOff() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var sidecar = hop.start(file("", chain("transport_protocol: raw_buffer", "plain", false)), text -> text);

            int port = sidecar.address("inbound").orElseThrow().getPort();
            try (var talker = new Socket(InetAddress.getLoopbackAddress(), port)) {
                talker.setSoTimeout(10_000);
                assertTrue(isCutOff(talker, recordsOfOneByte(60_000)));
            }
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("tls_inspector.client_hello_too_large: 1\n"), stats);
        }
    }

    /** The beginning of a client hello of 65535 bytes. */
    private static byte[] recordsOfOneByte(int count) {
        byte[] head = {1, 0, -1, -1};
        var bytes = ByteBuffer.allocate(6 * count);
        for (int i = 0; i < count; i++) {
            bytes.put(new byte[] {22, 3, 1, 0, 1, i < head.length ? head[i] : 0});
        }
        return bytes.array();
    }

    /** Sends it until nobody listens any more. */
    private static boolean isCutOff(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void chainsForTheSameConnectionsAreRefused() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            for (var wrong : List.of(
                    file(
                            "",
                            chain("server_names: [a.test]", "a", true),
                            chain("server_names: [b.test, A.TEST]", "b", true)),
                    file("", chain("server_names: [\"*a.test\"]", "a", true)),
                    file("", chain("source_ports: [1]", "a", true)),
                    file(
                            "listener_filters: [{name: x, typed_config: {\"@type\": a/b.Proxy}}]",
                            chain("", "a", true)))) {
                assertThrows(BootstrapException.class, () -> hop.open(wrong));
            }
        }
    }
}
