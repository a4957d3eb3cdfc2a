// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.google.re2j.Pattern;
import com.sun.net.httpserver.HttpServer;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.NodeAttestorSettings.HttpChallenge;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a node gets in that answers at the host name it has. */
@Timeout(60)
class HttpChallengeTest {
    private static final HttpChallenge STANDARD = new HttpChallenge(List.of(), OptionalInt.empty(), true, true);
    private static final SpiffeId ID = TestConfig.id("/spire/agent/http_challenge/127.0.0.1");

    @TempDir
    Path folder;

    private HttpServer node;
    private final AtomicInteger asked = new AtomicInteger();
    private Optional<TestServer> started = Optional.empty();

    /** What the node's web server says: nothing until it knows. */
    private volatile Said said = new Said(404, "", Optional.empty());

    private record Said(int status, String body, Optional<String> location) {}

    @BeforeEach
    void listen() throws Exception {
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.createContext("/.well-known/spiffe/nodeattestor/http_challenge/one/challenge", exchange -> {
            try (exchange) {
                asked.incrementAndGet();
                var now = said;
                var body = now.body().getBytes(StandardCharsets.UTF_8);
                now.location().ifPresent(place -> exchange.getResponseHeaders().set("Location", place));
                exchange.sendResponseHeaders(now.status(), body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        node.start();
    }

    @AfterEach
    void close() {
        node.stop(0);
        started.ifPresent(TestServer::close);
    }

    private TestServer start(HttpChallenge settings) throws Exception {
        var server = TestServer.start(folder, config -> TestConfig.nodeAttestors(config, settings));
        started = Optional.of(server);
        return server;
    }

    private int port() {
        return node.getAddress().getPort();
    }

    private static String payload(String host, String agent, long port) {
        return "{\"hostname\":\"%s\",\"agentname\":\"%s\",\"port\":%d}".formatted(host, agent, port);
    }

    private String payload() {
        return payload("127.0.0.1", "one", port());
    }

    private String serve(String challenge) {
        var nonce =
                JsonParser.parseString(challenge).getAsJsonObject().get("nonce").getAsString();
        assertEquals(44, nonce.length());
        said = new Said(200, nonce + "\n", Optional.empty());
        return "\n";
    }

    private static Newcomer newcomer(TestServer server) {
        return new Newcomer(server, "http_challenge");
    }

    private static void assertRefused(Code code, String words, Status status) {
        assertEquals(code, status.getCode(), status::toString);
        assertEquals("nodeattestor(http_challenge): " + words, status.getDescription());
    }

    @Test
    void whoAnswersAtItsHostNameIsLetInOnce() throws Exception {
        var server = start(STANDARD);

        var admitted = newcomer(server).attest(payload(), this::serve);

        assertEquals(ID, admitted.svid().id());
        assertFalse(admitted.reattestable());
        var agent = server.agents()
                .getAgent(GetAgentRequest.newBuilder().setId(Ids.message(ID)).build());
        assertEquals("http_challenge", agent.getSelectors(0).getType());
        assertEquals("hostname:127.0.0.1", agent.getSelectors(0).getValue());
        assertRefused(
                Code.PERMISSION_DENIED,
                "attestation data has already been used to attest an agent",
                newcomer(server).refusal(payload(), this::serve));

        var _ = server.agents()
                .deleteAgent(
                        DeleteAgentRequest.newBuilder().setId(Ids.message(ID)).build());
        assertEquals(ID, newcomer(server).attest(payload(), this::serve).svid().id());
    }

    @Test
    void whereOnlyTheOwnerOfTheNodeListensItMayComeAgain() throws Exception {
        // which ports those are is not to be tried without being one: the setting counts
        var server = start(new HttpChallenge(List.of(), OptionalInt.of(port()), false, false));
        assertRefused(
                Code.INVALID_ARGUMENT,
                "port " + port() + " is not allowed to be >= 1024",
                newcomer(server).refusal(payload(), this::serve));
        server.close();

        server = start(new HttpChallenge(List.of(), OptionalInt.of(port()), true, false));
        assertTrue(newcomer(server).attest(payload(), this::serve).reattestable());
        assertTrue(newcomer(server).attest(payload(), this::serve).reattestable());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x                                                          | INVALID_ARGUMENT  | failed to unmarshal data: .*
            {"port": "80"}                                             | INVALID_ARGUMENT  | failed to unmarshal data: a whole number is expected
            {"hostname": "a", "agentname": "one", "port": 1.5}         | INVALID_ARGUMENT  | failed to unmarshal data: a whole number is expected, not 1.5
            {"hostname": "a", "port": 80}                              | INVALID_ARGUMENT  | agent name is not valid
            {"hostname": "a", "agentname": "1", "port": 80}            | INVALID_ARGUMENT  | agent name is not valid
            {"hostname": "a", "agentname": "a.b", "port": 80}          | INVALID_ARGUMENT  | agent name is not valid
            {"hostname": "localhost", "agentname": "one", "port": 80}  | PERMISSION_DENIED | you can not use localhost as a hostname
            {"agentname": "one", "port": 80}                           | PERMISSION_DENIED | challenge verification failed: hostname must be set
            {"hostname": "a", "agentname": "one"}                      | PERMISSION_DENIED | challenge verification failed: port is invalid
            {"hostname": "a/b", "agentname": "one", "port": 80}        | PERMISSION_DENIED | challenge verification failed: hostname can not contain a slash
            {"hostname": "::1", "agentname": "one", "port": 80}        | PERMISSION_DENIED | challenge verification failed: hostname can not contain a colon
            {"hostname": "a@127.0.0.1", "agentname": "one", "port": 8} | PERMISSION_DENIED | challenge verification failed: "a@127.0.0.1" and 8 were found, expected a host name and a port
            {"hostname": "a", "agentname": "one", "port": 65536}       | PERMISSION_DENIED | challenge verification failed: "a" and 65536 were found, expected a host name and a port
            """)
    void whatIsNoPlaceToAskIsRefused(String payload, Code code, String words) throws Exception {
        var refusal = newcomer(start(STANDARD)).refusal(payload, _ -> "\n");

        assertEquals(code, refusal.getCode(), refusal::toString);
        var description = String.valueOf(refusal.getDescription());
        assertTrue(
                words.equals(description.replace("nodeattestor(http_challenge): ", ""))
                        || description.matches("nodeattestor\\(http_challenge\\): " + words),
                description);
        assertEquals(0, asked.get());
    }

    @Test
    void onlyHostsAndPortsThatAreAllowedAreAsked() throws Exception {
        var server = start(new HttpChallenge(
                List.of(Pattern.compile("example\\.com$"), Pattern.compile("^127\\.0\\.0\\.1$")),
                OptionalInt.of(port()),
                true,
                true));

        assertRefused(
                Code.PERMISSION_DENIED,
                "the requested hostname is not allowed to connect",
                newcomer(server).refusal(payload("127.0.0.11", "one", port()), this::serve));
        assertRefused(
                Code.INVALID_ARGUMENT,
                "port 80 is not allowed to be used by this server",
                newcomer(server).refusal(payload("127.0.0.1", "one", 80), this::serve));
        assertEquals(0, asked.get());
        assertEquals(ID, newcomer(server).attest(payload(), this::serve).svid().id());
    }

    @Test
    void whoDoesNotHaveTheNonceIsRefused() throws Exception {
        var server = start(STANDARD);
        var words = "challenge verification failed: expected nonce was not found in HTTP response";

        assertRefused(Code.PERMISSION_DENIED, words, newcomer(server).refusal(payload(), _ -> "\n"));
        said = new Said(200, "guessed", Optional.empty());
        assertRefused(Code.PERMISSION_DENIED, words, newcomer(server).refusal(payload(), _ -> "\n"));

        var tooLong = newcomer(server).refusal(payload(), challenge -> {
            var _ = serve(challenge);
            said = new Said(200, said.body() + " ".repeat(1000), Optional.empty());
            return "\n";
        });
        assertEquals(Code.PERMISSION_DENIED, tooLong.getCode());
        node.stop(0);
        var nobody = newcomer(server).refusal(payload(), _ -> "\n");
        assertEquals(Code.PERMISSION_DENIED, nobody.getCode());
        assertTrue(String.valueOf(nobody.getDescription()).contains("/http_challenge/one/challenge"), nobody::toString);
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        var server = start(STANDARD);

        var refusal = newcomer(server).refusal(payload(), challenge -> {
            var _ = serve(challenge);
            said = new Said(302, said.body(), Optional.of("http://127.0.0.1:" + port() + "/elsewhere"));
            return "\n";
        });

        assertEquals(Code.PERMISSION_DENIED, refusal.getCode());
        assertTrue(String.valueOf(refusal.getDescription()).endsWith("http redirects are disabled"), refusal::toString);
        assertEquals(1, asked.get());
    }
}
