// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.countersign.rpc.RpcServer;
import io.countersign.sidecar.bootstrap.BootstrapException;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests with and without tokens, good and not. */
@Timeout(60)
class TokenTest {
    @TempDir
    Path folder;

    private final TestIssuer issuer = new TestIssuer("one");
    private final long now = Instant.now().getEpochSecond();
    private final String good = "{'iss':'https://issuer.test','sub':'ann','aud':'app','exp':" + (now + 600) + "}";

    private static String filtered(Hop hop, String providers, String rules) {
        var filter =
                "{name: jwt, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3"
                        + ".JwtAuthentication, providers: {" + providers + "}, rules: [" + rules + "]}}";
        return PlainFile.of("timeout: 20s", "", hop.app.getAddress().getPort())
                .replaceFirst(
                        "( *)http_filters:\n( *)- ",
                        "$1http_filters:\n$2- " + filter.replace("\\", "\\\\").replace("$", "\\$") + "\n$2- ");
    }

    private String provider(String more) {
        return "p: {issuer: \"https://issuer.test\", audiences: [app], local_jwks: {inline_string: '" + issuer.jwks()
                + "'}" + more + "}";
    }

    private static final String EVERYWHERE = "{match: {prefix: /}, requires: {provider_name: p}}";

    private static HttpResponse<String> get(Hop hop, Sidecar sidecar, String path, String... headers) throws Exception {
        var request = hop.request(sidecar, path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return hop.client.send(request.build(), BodyHandlers.ofString());
    }

    private static String words(Hop hop, Sidecar sidecar, String token) throws Exception {
        var answer = get(hop, sidecar, "/", "Authorization", "Bearer " + token);
        return answer.statusCode() + " " + (answer.statusCode() == 200 ? "" : answer.body());
    }

    @Test
    void onlyGoodTokensAreLetIn() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(filtered(hop, provider(""), EVERYWHERE), text -> text);

            assertEquals("200 ", words(hop, sidecar, issuer.token(good)));
            assertEquals(
                    "401 Jwt is expired",
                    words(hop, sidecar, issuer.token(good.replace("" + (now + 600), "" + (now - 70)))));
            assertEquals("200 ", words(hop, sidecar, issuer.token(good.replace("" + (now + 600), "" + (now - 30)))));
            assertEquals("401 Jwt not yet valid", words(hop, sidecar, issuer.token(good.replace("'exp'", "'nbf'"))));
            assertEquals(
                    "401 Jwt issuer is not configured",
                    words(hop, sidecar, issuer.token(good.replace("issuer.test", "other.test"))));
            assertEquals(
                    "403 Audiences in Jwt are not allowed",
                    words(hop, sidecar, issuer.token(good.replace("'app'", "'other'"))));
            assertEquals("401 Jwt verification fails", words(hop, sidecar, new TestIssuer("one").token(good)));
            assertEquals(
                    "401 Jwks doesn't have key to match kid or alg from Jwt",
                    words(hop, sidecar, new TestIssuer("two").token(good)));
            assertEquals(
                    "401 Jwt header [alg] is not supported",
                    words(hop, sidecar, issuer.signed("{'alg':'none'}", good)));
            assertEquals(
                    "401 Jwt header [alg] is not supported",
                    words(hop, sidecar, issuer.signed("{'alg':'HS256'}", good)));
            assertEquals(
                    "401 Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
                    words(hop, sidecar, "word"));
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("http.out.jwt_authn.allowed: 2\n"), stats);
            assertTrue(stats.contains("http.out.jwt_authn.denied: 9\n"), stats);

            var missing = get(hop, sidecar, "/a?b");
            assertEquals(401, missing.statusCode());
            assertEquals("Jwt is missing", missing.body());
            assertEquals(
                    "Bearer realm=\"http://127.0.0.1:"
                            + sidecar.address("outbound").orElseThrow().getPort() + "/a?b\"",
                    missing.headers().firstValue("www-authenticate").orElseThrow());
        }
    }

    @Test
    void tokenIsTakenOutAndItsClaimsPassedOn() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(
                    filtered(hop, provider(", forward_payload_header: x-claims, from_params: [t]"), EVERYWHERE),
                    text -> text);

            var answer = get(hop, sidecar, "/a?t=" + issuer.token(good) + "&u=v", "X-Claims", "forged")
                    .body();

            assertTrue(answer.startsWith("GET /a?u=v\n"), answer);
            assertTrue(answer.contains("x-claims: " + TestIssuer.encoded(good.replace('\'', '"')) + "\n"), answer);
            assertFalse(answer.contains("forged"), answer);
        }
    }

    @Test
    void ofSeveralParametersNoneIsTaken() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(filtered(hop, provider(", forward: true"), EVERYWHERE), text -> text);
            var once = "?access_token=" + issuer.token(good);
            var forged = "&access_token=" + new TestIssuer("one").token(good);

            assertEquals(200, get(hop, sidecar, "/" + once).statusCode());
            assertEquals(401, get(hop, sidecar, "/" + once + forged).statusCode());
            assertEquals(
                    401, get(hop, sidecar, "/" + once + once.replace('?', '&')).statusCode());
            // also where a good header stands before it, and much else
            var bearer = "Bearer " + issuer.token(good);
            assertEquals(
                    401,
                    get(hop, sidecar, "/?" + "x&".repeat(2000) + forged, "Authorization", bearer)
                            .statusCode());
        }
    }

    @Test
    void tokenInAQueryThatCannotBeReadIsNone() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(filtered(hop, provider(""), EVERYWHERE), text -> text);
            try (var socket = new Socket(
                    InetAddress.getLoopbackAddress(),
                    sidecar.address("outbound").orElseThrow().getPort())) {
                var request = "GET /?a=%&access_token=" + issuer.token(good)
                        + " HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));

                var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

                assertTrue(answer.startsWith("HTTP/1.1 401 "), answer);
                assertTrue(answer.contains("Jwt is missing"), answer);
            }
        }
    }

    @Test
    void firstRuleThatMatchesDecides() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var rules = "{match: {prefix: /open}}, {match: {prefix: /maybe}, requires: {requires_any: {requirements: "
                    + "[{provider_name: p}, {allow_missing: {}}]}}}, {match: {prefix: /other}, requires: "
                    + "{provider_and_audiences: {provider_name: p, audiences: [other]}}}, {match: {prefix: /lenient}, "
                    + "requires: {allow_missing_or_failed: {}}}, {match: {prefix: /}, requires: {requires_all: {requirements: "
                    + "[{provider_name: p}, {provider_name: p}]}}}";
            var sidecar = hop.start(filtered(hop, provider(", forward: true"), rules), text -> text);
            var bearer = "Bearer " + issuer.token(good);

            assertEquals(200, get(hop, sidecar, "/open").statusCode());
            assertEquals(200, get(hop, sidecar, "/maybe").statusCode());
            assertEquals(
                    401,
                    get(hop, sidecar, "/maybe", "Authorization", "Bearer x.y.z").statusCode());
            assertEquals(
                    403, get(hop, sidecar, "/other", "Authorization", bearer).statusCode());
            assertEquals(
                    200,
                    get(hop, sidecar, "/lenient", "Authorization", "Bearer x.y.z")
                            .statusCode());
            assertEquals(401, get(hop, sidecar, "/").statusCode());
            assertEquals(200, get(hop, sidecar, "/", "Authorization", bearer).statusCode());
        }
    }

    @Test
    void keysAreFetchedWhenTheyAreNeeded() throws Exception {
        var keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var asked = new AtomicInteger();
        var jwks = new String[] {"{}"};
        keys.createContext("/keys", exchange -> {
            asked.incrementAndGet();
            Hop.reply(exchange, 200, jwks[0].getBytes(StandardCharsets.UTF_8));
        });
        keys.start();
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var providers =
                    "p: {remote_jwks: {http_uri: {uri: \"http://oidc.test/keys\", cluster: oidc, timeout: 20s}}}";
            var cluster =
                    "{name: oidc, load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: "
                            + "{address: 127.0.0.1, port_value: "
                            + keys.getAddress().getPort() + "}}}}]}]}}";
            var sidecar = hop.start(
                    filtered(hop, providers, EVERYWHERE)
                            .replaceFirst("( *)clusters:\n( *)- ", "$1clusters:\n$2- " + cluster + "\n$2- "),
                    text -> text);

            assertEquals(401, get(hop, sidecar, "/").statusCode());
            assertEquals(0, asked.get());
            assertEquals("401 Jwks remote fetch is failed", words(hop, sidecar, issuer.token(good)));
            jwks[0] = issuer.jwks();
            assertEquals("200 ", words(hop, sidecar, issuer.token(good)));
            assertEquals("200 ", words(hop, sidecar, issuer.token(good)));
            assertEquals(2, asked.get());
        } finally {
            keys.stop(0);
        }
    }

    @Test
    void keysMayStandInAFileThatIsThere() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var keys = folder.resolve("keys");
            var file = filtered(
                    hop, "p: {issuer: \"https://issuer.test\", local_jwks: {filename: \"" + keys + "\"}}", EVERYWHERE);
            var field = "providers.p.local_jwks.filename: is \"" + keys + "\", which ";

            assertRefused(hop, file, field + "is not there");
            Files.writeString(keys, "{}");
            assertRefused(hop, file, field + "cannot be used: the key set has no list \"keys\"");

            Files.writeString(keys, issuer.jwks());
            var sidecar = hop.start(file, text -> text);
            assertEquals("200 ", words(hop, sidecar, issuer.token(good)));
        }
    }

    private static void assertRefused(Hop hop, String file, String words) {
        var message = String.valueOf(
                assertThrows(BootstrapException.class, () -> hop.open(file)).getMessage());
        assertTrue(message.matches("test\\.yaml:[0-9]+: .*"), message);
        assertTrue(message.endsWith(words), message);
    }

    /** An agent's other half. */
    private RpcServer workloadApi(String trustDomain) throws Exception {
        var service = new SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase() {
            @Override
            public void fetchJWTBundles(JWTBundlesRequest request, StreamObserver<JWTBundlesResponse> responses) {
                responses.onNext(JWTBundlesResponse.newBuilder()
                        .putAllBundles(Map.of(trustDomain, ByteString.copyFromUtf8(issuer.jwks())))
                        .build());
            }
        };
        return RpcServer.onUnixSocket(folder.resolve("agent.sock"), 0777, List.of(service.bindService()), List.of());
    }

    @Test
    void jwtSvidsAreJudgedByTheirOwnRules() throws Exception {
        try (var agent = workloadApi("spiffe://example.org");
                var hop = new Hop(folder, Hop::echoHeaders)) {
            var file = filtered(hop, provider(""), EVERYWHERE)
                    .replace("cluster: y}", "cluster: y, metadata: {countersign: {jwt_svid_providers: {p: agent}}}}")
                    .replace("https://issuer.test", "")
                    .replaceFirst(
                            "( *)clusters:\n( *)- ",
                            "$1clusters:\n$2- {name: agent, http2_protocol_options: {}, "
                                    + "load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: "
                                    + folder.resolve("agent.sock") + "}}}}]}]}}\n$2- ");
            var sidecar = hop.start(file, text -> text);
            var svid = "{'sub':'spiffe://example.org/ann','aud':['app'],'exp':" + (now + 600) + "}";

            Hop.await("the keys", () -> said(hop, sidecar, svid).equals("200 "));

            assertEquals(
                    "401 Jwt verification fails", said(hop, sidecar, svid.replace("spiffe://example.org/ann", "ann")));
            assertEquals("401 Jwt verification fails", said(hop, sidecar, svid.replace("example.org", "other.org")));
            assertEquals("401 Jwt verification fails", said(hop, sidecar, svid.replaceFirst(",'exp'.*}", "}")));
            assertEquals("403 Audiences in Jwt are not allowed", said(hop, sidecar, svid.replace("'app'", "'apps'")));
            assertEquals("401 Jwt verification fails", words(hop, sidecar, new TestIssuer("one").token(svid)));
        }
    }

    private String said(Hop hop, Sidecar sidecar, String claims) {
        try {
            return words(hop, sidecar, issuer.token(claims));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatCannotBeIsRefused() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            for (var wrong : List.of(
                    filtered(hop, provider(""), EVERYWHERE.replace("provider_name: p", "provider_name: q")),
                    filtered(hop, provider(", payload_in_metadata: x"), EVERYWHERE),
                    filtered(hop, "p: {local_jwks: {inline_string: '{}'}}", EVERYWHERE),
                    filtered(hop, "p: {remote_jwks: {http_uri: {uri: \"http://a/b\", cluster: none}}}", EVERYWHERE),
                    filtered(hop, provider(""), EVERYWHERE)
                            .replace(
                                    "cluster: y}",
                                    "cluster: y, metadata: {countersign: {jwt_svid_providers: {p: app}}}}"))) {
                assertThrows(BootstrapException.class, () -> hop.open(wrong));
            }
        }
    }
}
