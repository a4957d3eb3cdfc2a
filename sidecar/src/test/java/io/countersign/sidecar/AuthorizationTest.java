// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import io.countersign.sdsapi.auth.CheckResponse;
import io.countersign.sdsapi.auth.DeniedHttpResponse;
import io.countersign.sdsapi.auth.OkHttpResponse;
import io.countersign.sdsapi.type.HttpStatus;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that a service is asked about, through a real gRPC server. */
@Timeout(60)
class AuthorizationTest {
    private static final CheckResponse DENIED =
            CheckResponse.newBuilder().setStatus(Status.newBuilder().setCode(7)).build();

    @TempDir
    Path folder;

    /** The file with the filter before all others. */
    private static String filtered(String yaml, String service, String settings) {
        var filter =
                "{name: authz, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3"
                        + ".ExtAuthz, transport_api_version: V3, grpc_service: {" + service + ", timeout: 10s}"
                        + settings + "}}";
        return yaml.replaceFirst("( *)http_filters:\n( *)- ", "$1http_filters:\n$2- " + filter + "\n$2- ");
    }

    private String plain(Hop hop, String settings) {
        var service = "google_grpc: {target_uri: \"unix:" + folder.resolve("authz.sock") + "\", stat_prefix: x}";
        return filtered(PlainFile.of("timeout: 20s", "", hop.app.getAddress().getPort()), service, settings);
    }

    private HttpResponse<String> post(Hop hop, Sidecar sidecar, String body) throws Exception {
        return hop.client.send(
                hop.request(sidecar, "/a?b=c")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void serviceIsToldOfBothEndsOfTheConnection() throws Exception {
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var cluster =
                    "{name: opa, type: STATIC, http2_protocol_options: {}, load_assignment: {endpoints: [{lb_endpoints: "
                            + "[{endpoint: {address: {pipe: {path: " + folder.resolve("authz.sock") + "}}}}]}]}}";
            var backend = hop.backend(
                    "a",
                    text -> filtered(
                            text.replaceFirst("( *)clusters:\n( *)- ", "$1clusters:\n$2- " + cluster + "\n$2- "),
                            "envoy_grpc: {cluster_name: opa}",
                            ", include_peer_certificate: true"));
            var frontend = hop.frontend("b", backend, text -> text);

            assertEquals(200, hop.get(frontend, "/a?b=c").statusCode());

            var told = authorizer.requests.getFirst().getAttributes();
            assertEquals(Hop.FRONTEND, told.getSource().getPrincipal());
            assertEquals(Hop.BACKEND, told.getDestination().getPrincipal());
            assertEquals(
                    "127.0.0.1",
                    told.getSource().getAddress().getSocketAddress().getAddress());
            assertTrue(told.getSource().getCertificate().startsWith("-----BEGIN%20CERTIFICATE-----%0A"));
            assertTrue(told.getDestination().getCertificate().isEmpty());
            var http = told.getRequest().getHttp();
            assertEquals("GET", http.getMethod());
            assertEquals("/a?b=c", http.getPath());
            assertEquals("HTTP/1.1", http.getProtocol());
            assertEquals("/a?b=c", http.getHeadersOrThrow(":path"));
            assertFalse(http.containsHeaders("host"));
            assertTrue(http.getHeadersOrThrow("x-forwarded-client-cert").contains("URI=" + Hop.FRONTEND));
        }
    }

    @Test
    void grantedRequestIsChanged() throws Exception {
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(folder, Hop::echoHeaders)) {
            authorizer.decision = request -> CheckResponse.newBuilder()
                    .setOkResponse(OkHttpResponse.newBuilder()
                            .addHeaders(TestAuthorizer.header("X-User", "ann"))
                            .addHeadersToRemove("x-secret")
                            .addResponseHeadersToAdd(TestAuthorizer.header("x-decided", "yes")))
                    .build();
            var sidecar = hop.start(plain(hop, ""), text -> text);

            var answer = hop.client.send(
                    hop.request(sidecar, "/")
                            .header("x-secret", "1")
                            .header("x-user", "forged")
                            .build(),
                    BodyHandlers.ofString());

            assertTrue(answer.body().contains("x-user: ann\n"), answer.body());
            assertFalse(answer.body().contains("forged"), answer.body());
            assertFalse(answer.body().contains("x-secret"), answer.body());
            assertEquals("yes", answer.headers().firstValue("x-decided").orElseThrow());
            assertTrue(hop.admin(sidecar, "/stats").contains("http.out.ext_authz.ok: 1\n"));
        }
    }

    @Test
    void deniedRequestIsAnsweredInTheWordsOfTheService() throws Exception {
        var seen = new AtomicInteger();
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(folder, exchange -> seen.incrementAndGet())) {
            authorizer.decision = request -> DENIED.toBuilder()
                    .setDeniedResponse(DeniedHttpResponse.newBuilder()
                            .setStatus(HttpStatus.newBuilder().setCode(401))
                            .addHeaders(TestAuthorizer.header("www-authenticate", "Bearer"))
                            .setBody("who are you?"))
                    .build();
            var sidecar = hop.start(plain(hop, ""), text -> text);

            var answer = hop.get(sidecar, "/");

            assertEquals(401, answer.statusCode());
            assertEquals("who are you?", answer.body());
            assertEquals(
                    "Bearer", answer.headers().firstValue("www-authenticate").orElseThrow());
            assertEquals(0, seen.get());
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("http.out.ext_authz.denied: 1\n"), stats);
            assertTrue(stats.contains("cluster.app.ext_authz.denied: 1\n"), stats);
        }
    }

    @Test
    void requestsAreRefusedWhenTheServiceSaysNothing() throws Exception {
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(folder, Hop::echoHeaders)) {
            authorizer.decision = request -> {
                throw new IllegalStateException("broken");
            };
            var sidecar = hop.start(plain(hop, ", status_on_error: {code: ServiceUnavailable}"), text -> text);
            assertEquals(503, hop.get(sidecar, "/").statusCode());
            assertTrue(hop.admin(sidecar, "/stats").contains("http.out.ext_authz.error: 1\n"));

            authorizer.gate = new CountDownLatch(1);
            var impatient = hop.start(plain(hop, "").replace("timeout: 10s", "timeout: 0.1s"), text -> text);
            assertEquals(403, hop.get(impatient, "/").statusCode());

            authorizer.gate.countDown();
            authorizer.decision = request -> CheckResponse.newBuilder()
                    .setOkResponse(OkHttpResponse.newBuilder().addHeaders(TestAuthorizer.header("content-length", "9")))
                    .build();
            var framed = hop.start(plain(hop, ""), text -> text);
            assertEquals(403, hop.get(framed, "/").statusCode());
        }
    }

    @Test
    void requestsGoOnWithoutAServiceIfTheFileWantsIt() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(
                    plain(hop, ", failure_mode_allow: true, failure_mode_allow_header_add: true"), text -> text);

            var answer = hop.get(sidecar, "/");

            assertEquals(200, answer.statusCode());
            assertTrue(answer.body().contains("x-envoy-auth-failure-mode-allowed: true\n"), answer.body());
            assertTrue(hop.admin(sidecar, "/stats").contains("http.out.ext_authz.failure_mode_allowed: 1\n"));
        }
    }

    @Test
    void bodyIsToldAndThenSentOn() throws Exception {
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(
                        folder,
                        exchange -> Hop.reply(
                                exchange, 200, exchange.getRequestBody().readAllBytes()))) {
            var sidecar = hop.start(
                    plain(hop, ", with_request_body: {max_request_bytes: 8, allow_partial_message: true}"),
                    text -> text);
            var large = "0123456789".repeat(100_000);

            assertEquals("short", post(hop, sidecar, "short").body());
            assertEquals(large, post(hop, sidecar, large).body());
            assertEquals("", hop.get(sidecar, "/").body());

            var told = authorizer.requests.stream()
                    .map(request -> request.getAttributes().getRequest().getHttp())
                    .toList();
            assertEquals("short", told.getFirst().getBody());
            assertEquals("false", told.getFirst().getHeadersOrThrow("x-envoy-auth-partial-body"));
            assertEquals("01234567", told.get(1).getBody());
            assertEquals("true", told.get(1).getHeadersOrThrow("x-envoy-auth-partial-body"));
            assertFalse(told.get(2).containsHeaders("x-envoy-auth-partial-body"));
        }
    }

    @Test
    void bodyThatIsTooLongIsRefusedUnlessAPartOfItIsEnough() throws Exception {
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(
                    plain(hop, ", with_request_body: {max_request_bytes: 8, pack_as_bytes: true}"), text -> text);

            assertEquals(200, post(hop, sidecar, "12345678").statusCode());
            var refused = post(hop, sidecar, "123456789");

            assertEquals(413, refused.statusCode());
            assertEquals("Payload Too Large", refused.body());
            assertEquals(
                    List.of(ByteString.copyFromUtf8("12345678")),
                    authorizer.requests.stream()
                            .map(request -> request.getAttributes()
                                    .getRequest()
                                    .getHttp()
                                    .getRawBody())
                            .toList());
        }
    }

    @Test
    void nothingIsReadWhileTheServiceThinks() throws Exception {
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(
                        folder,
                        exchange -> Hop.reply(
                                exchange, 200, exchange.getRequestBody().readAllBytes()))) {
            authorizer.gate = new CountDownLatch(1);
            var sidecar = hop.start(plain(hop, ""), text -> text);
            var large = "0123456789".repeat(400_000);

            var answer = hop.client.sendAsync(
                    hop.request(sidecar, "/")
                            .POST(BodyPublishers.ofString(large))
                            .build(),
                    BodyHandlers.ofString());
            Hop.await("the question", () -> !authorizer.requests.isEmpty());
            // the loop is free meanwhile, and what has come of the body is what sockets hold
            assertTrue(hop.admin(sidecar, "/stats").contains("http.out.downstream_rq_active: 1\n"));
            assertFalse(answer.isDone());
            authorizer.gate.countDown();

            assertEquals(large, answer.get().body());
        }
    }

    @Test
    void routeMayDoWithoutOrSayMore() throws Exception {
        try (var authorizer = new TestAuthorizer(folder.resolve("authz.sock"));
                var hop = new Hop(folder, Hop::echoHeaders)) {
            var type = "\"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";
            var file = plain(hop, "")
                    .replaceFirst(
                            "( *)- match: \\{prefix: \"/\"}\n",
                            "$1- {match: {prefix: /open}, route: {cluster: app}, typed_per_filter_config: {authz: {"
                                    + type
                                    + ", disabled: true}}}\n$1- typed_per_filter_config: {authz: {" + type
                                    + ", check_settings: {context_extensions: {a: b}}}}\n$1  match: {prefix: /}\n");
            var sidecar = hop.start(file, text -> text);
            authorizer.decision = request -> DENIED;

            assertEquals(200, hop.get(sidecar, "/open").statusCode());
            assertEquals(403, hop.get(sidecar, "/closed").statusCode());
            assertEquals("b", authorizer.requests.getFirst().getAttributes().getContextExtensionsOrThrow("a"));
        }
    }
}
