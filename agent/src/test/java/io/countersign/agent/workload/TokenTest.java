// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import io.countersign.agent.FakeServer;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.server.ServerConnection;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.workloadapi.WorkloadApiException;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens over the Workload API: fetched from a server at the other end of a real wire, and validated. */
final class TokenTest {
    @TempDir
    private Path folder;

    private FakeServer server;
    private TestEndpoint endpoint;

    @BeforeEach
    void open() throws Exception {
        server = FakeServer.start();
        var node = server.domain.issue("/spire/agent/join_token/x");
        var channel = new ServerConnection("127.0.0.1", server.port(), HOME).asNode(() -> node, server.domain.bundle());
        var standard = Options.standard();
        var options = new Options(standard.attestors(), false, Set.of("iss"), standard.names(), standard.limits());
        endpoint = new TestEndpoint(folder, options, channel, server.clock);
        endpoint.put(register("a", "/web", "internal", false), register("b", "/more", "", false));
    }

    @AfterEach
    void close() throws Exception {
        endpoint.close();
        server.close();
    }

    /** At the server as well. */
    private RegistrationEntry register(String id, String path, String hint, boolean unique) {
        server.change(server.entry(id, path));
        return new RegistrationEntry(
                id,
                server.domain.id(path),
                Set.of(TestEndpoint.here()),
                Set.of(ABROAD),
                hint,
                1,
                Instant.EPOCH,
                unique);
    }

    private static void assertRefused(Code code, String words, Executable call) {
        var refused = assertThrows(WorkloadApiException.class, call);
        assertEquals(code, refused.code());
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    private SpiffeId web() {
        return server.domain.id("/web");
    }

    private JwtSvid fetch(String audience) {
        return endpoint.client
                .fetchJwtSvids(List.of(audience), Optional.of(web()))
                .getFirst();
    }

    @Test
    void everyIdentityGetsATokenWithItsHint() {
        var message = endpoint.client.fetchJwtSvidMessage(List.of("x", "y"), Optional.empty());

        assertEquals(2, message.getSvidsCount());
        assertEquals("internal", message.getSvids(0).getHint());
        assertEquals("spiffe://example.org/more", message.getSvids(1).getSpiffeId());
        var token = JwtSvid.parseAndValidate(
                message.getSvids(0).getSvid(), server.domain.bundle(), Set.of("y"), server.clock.instant());
        assertEquals(web(), token.id());
        assertEquals(List.of("x", "y"), token.audience());
    }

    @Test
    void oneIdentityMayBeNamedIfItIsTheCallers() {
        assertEquals(web(), fetch("x").id());
        assertRefused(
                Code.PERMISSION_DENIED,
                "no identity issued",
                () -> endpoint.client.fetchJwtSvids(List.of("x"), Optional.of(server.domain.id("/other"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "https://example.org/web", "spiffe://example.org/web/", "spiffe://EXAMPLE.org/web"})
    void whatIsNoIdentityIsAskedForWrongly(String id) {
        var request =
                JWTSVIDRequest.newBuilder().addAudience("x").setSpiffeId(id).build();
        var refused =
                assertThrows(StatusException.class, () -> Streams.stub(endpoint).fetchJWTSVID(request));
        assertEquals(Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }

    @Test
    void audiencesStandInTheTokenAsTheyWereAskedFor() {
        var asked = List.of("UPPER", " space ", "https://Host/Path?q=1", "twice", "twice");
        var token = endpoint.client.fetchJwtSvids(asked, Optional.of(web())).getFirst();
        assertEquals(Set.copyOf(asked), Set.copyOf(token.audience()));
    }

    @Test
    void keptTokenOfALostEntryIsNotGiven() {
        fetch("x");
        endpoint.put(register("b", "/more", "", false));
        assertRefused(Code.PERMISSION_DENIED, "no identity issued", () -> fetch("x"));
        assertEquals(1, server.tokensIssued.get());
    }

    @Test
    void audienceIsRequired() {
        var words = "audience must be specified";
        assertRefused(Code.INVALID_ARGUMENT, words, () -> endpoint.client.fetchJwtSvids(List.of(), Optional.empty()));
        assertRefused(Code.INVALID_ARGUMENT, words, () -> endpoint.client.fetchJwtSvid(""));
        assertRefused(Code.INVALID_ARGUMENT, words, () -> endpoint.client.validateJwtSvid("", "x"));
        assertRefused(Code.INVALID_ARGUMENT, "svid must be specified", () -> endpoint.client.validateJwtSvid("x", ""));
    }

    @Test
    void tokenIsKeptForHalfOfItsLife() {
        var first = fetch("x").token();
        server.clock.advance(Duration.ofSeconds(149));
        assertEquals(first, fetch("x").token());
        assertNotEquals(first, fetch("y").token());

        server.clock.advance(Duration.ofSeconds(2));
        assertNotEquals(first, fetch("x").token());
    }

    @Test
    void entryThatWantsUniqueTokensNeverGetsAnEarlierOne() {
        endpoint.put(register("a", "/web", "", true));
        assertNotEquals(fetch("x").token(), fetch("x").token());
        assertEquals(2, server.tokensIssued.get());
    }

    @Test
    void whileTheServerIsAwayAnEarlierTokenServesUntilItExpires() throws Exception {
        var first = fetch("x").token();
        server.goAway();
        server.clock.advance(Duration.ofMinutes(4));
        assertEquals(first, fetch("x").token());

        server.clock.advance(Duration.ofMinutes(2));
        assertRefused(Code.UNAVAILABLE, "", () -> fetch("x"));
    }

    private String own(List<String> audience) {
        return endpoint.home.token(endpoint.home.id("/peer"), audience, Optional.of("https://issuer"));
    }

    @Test
    void ownTokenIsValidatedAndAllItsClaimsAreTold() {
        var token = own(List.of("x"));
        var valid = endpoint.client.validateJwtSvid("x", token);

        assertEquals("spiffe://example.org/peer", valid.getSpiffeId());
        var claims = valid.getClaims().getFieldsMap();
        assertEquals(Set.of("sub", "exp", "aud", "iat", "jti", "iss"), claims.keySet());
        assertEquals(text("spiffe://example.org/peer"), claims.get("sub"));
        assertEquals(
                (double) JwtSvid.parseInsecure(token).expiresAt().getEpochSecond(),
                claims.getOrDefault("exp", Value.getDefaultInstance()).getNumberValue());
        assertEquals(
                List.of(text("x")),
                claims.getOrDefault("aud", Value.getDefaultInstance())
                        .getListValue()
                        .getValuesList());
    }

    private static Value text(String words) {
        return Value.newBuilder().setStringValue(words).build();
    }

    @Test
    void ofAForeignTokenOnlyStandardAndAllowedClaimsAreTold() {
        var token =
                endpoint.abroad.token(endpoint.abroad.id("/guest"), List.of("x", "y"), Optional.of("https://abroad"));

        var valid = endpoint.client.validateJwtSvid("x", token);

        assertEquals("spiffe://abroad.org/guest", valid.getSpiffeId());
        assertEquals(
                Set.of("sub", "exp", "aud", "iss"),
                valid.getClaims().getFieldsMap().keySet());
    }

    @Test
    void wrongTokensAreRefusedWithTheReason() {
        assertRefused(Code.INVALID_ARGUMENT, "", () -> endpoint.client.validateJwtSvid("other", own(List.of("x"))));
        assertRefused(Code.INVALID_ARGUMENT, "", () -> endpoint.client.validateJwtSvid("x", "a.b.c"));
        var expired = own(List.of("x"));
        server.clock.advance(Duration.ofHours(1));
        assertRefused(Code.INVALID_ARGUMENT, "expired", () -> endpoint.client.validateJwtSvid("x", expired));
    }

    @Test
    void tokenOfADomainThatTheEntryDoesNotFederateWithIsRefused() {
        endpoint.put(endpoint.entry("a", "/web"));
        var token = endpoint.abroad.token(endpoint.abroad.id("/guest"), List.of("x"), Optional.empty());
        assertRefused(Code.INVALID_ARGUMENT, "abroad.org", () -> endpoint.client.validateJwtSvid("x", token));
    }

    @Test
    void whoeverHasNoIdentityMayAskAboutTokensOfTheOwnDomainOnly() {
        endpoint.put(endpoint.entry("z", "/other", "", TestEndpoint.elsewhere(), ABROAD));
        assertEquals(
                "spiffe://example.org/peer",
                endpoint.client.validateJwtSvid("x", own(List.of("x"))).getSpiffeId());
        var foreign = endpoint.abroad.token(endpoint.abroad.id("/guest"), List.of("x"), Optional.empty());
        assertRefused(Code.INVALID_ARGUMENT, "abroad.org", () -> endpoint.client.validateJwtSvid("x", foreign));
    }
}
