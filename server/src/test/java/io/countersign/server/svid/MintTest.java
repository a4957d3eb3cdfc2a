// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.svid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.server.Refused;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Identities made on the word of an operator. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MintTest {
    private static final String ID = "spiffe://example.org/minted";

    private TestServer server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = TestServer.start(folder);
    }

    @AfterAll
    void close() {
        server.close();
    }

    private X509Svid mint(Request request, int ttl) {
        var svid = server.svids()
                .mintX509SVID(MintX509SVIDRequest.newBuilder()
                        .setCsr(request.der())
                        .setTtl(ttl)
                        .build())
                .getSvid();
        var minted = TestServer.svid(svid, request.keys());
        assertEquals(minted.chain().getFirst().getNotAfter().toInstant().getEpochSecond(), svid.getExpiresAt());
        return minted;
    }

    @Test
    void aCertificateSaysWhatTheRequestAsksFor() throws Exception {
        var svid = mint(Request.withDns("O=Mine,CN=x", ID, "a.example.org", "b.example.org"), 90);

        var leaf = svid.chain().getFirst();
        assertEquals(1, svid.chain().size());
        assertEquals(TestConfig.id("/minted"), X509SvidValidator.verify(svid.chain(), server.bundle(), now()));
        assertEquals(
                Set.of(List.of(6, ID), List.of(2, "a.example.org"), List.of(2, "b.example.org")),
                Set.copyOf(leaf.getSubjectAlternativeNames()));
        assertEquals(new X500Principal("CN=a.example.org,O=Mine"), leaf.getSubjectX500Principal());
        assertEquals(now().plusSeconds(90), leaf.getNotAfter().toInstant());
        assertEquals(now().minusSeconds(10), leaf.getNotBefore().toInstant());
    }

    private Instant now() {
        return server.clock.instant();
    }

    @Test
    void withoutSubjectAndTtlItHasTheStandardOnes() {
        var leaf = mint(Request.uris("", ID), 0).chain().getFirst();

        assertEquals(new X500Principal("O=SPIRE,C=US"), leaf.getSubjectX500Principal());
        assertEquals(
                now().plus(server.config.lives().x509Svid()), leaf.getNotAfter().toInstant());
    }

    @Test
    void nothingOutlivesItsAuthority() {
        var leaf = mint(Request.uris("", ID), 10 * 24 * 3600).chain().getFirst();

        assertEquals(
                now().plus(server.config.lives().authority()),
                leaf.getNotAfter().toInstant());
    }

    static Stream<ByteString> badRequests() {
        var good = Request.uris("", ID).der();
        return Stream.of(
                ByteString.EMPTY,
                ByteString.copyFromUtf8("no csr"),
                good.substring(0, good.size() - 5),
                Request.unproven().der(),
                Request.bare().der(),
                Request.uris("", ID, ID + "2").der(),
                Request.uris("", "https://example.org/minted").der(),
                Request.uris("", "spiffe://example.org").der(),
                Request.uris("", "spiffe://other.org/minted").der(),
                Request.uris("", "spiffe://example.org/spire/server").der(),
                Request.uris("", "spiffe://example.org/spire").der());
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void aBadRequestIsRefused(ByteString csr) {
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.svids()
                        .mintX509SVID(
                                MintX509SVIDRequest.newBuilder().setCsr(csr).build()));
    }

    @Test
    void aLifeBelowNothingIsRefused() {
        Refused.with(Code.INVALID_ARGUMENT, () -> mint(Request.uris("", ID), -1));
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.svids().mintJWTSVID(wanted("a").setTtl(-1).build()));
    }

    private static MintJWTSVIDRequest.Builder wanted(String... audience) {
        return MintJWTSVIDRequest.newBuilder()
                .setId(Ids.message(TestConfig.id("/minted")))
                .addAllAudience(List.of(audience));
    }

    @Test
    void aTokenVerifiesAgainstTheBundle() {
        var minted =
                server.svids().mintJWTSVID(wanted("a", "b").setTtl(77).build()).getSvid();

        var published = server.published().getJwtAuthorities(0);
        var bundle = TrustBundle.ofJwt(
                TestConfig.DOMAIN,
                List.of(JwtAuthority.parse(
                        published.getKeyId(), published.getPublicKey().toByteArray())));
        var token = JwtSvid.parseAndValidate(minted.getToken(), bundle, Set.of("a"), now());
        assertEquals(TestConfig.id("/minted"), token.id());
        assertEquals(List.of("a", "b"), token.audience());
        assertEquals(now().plusSeconds(77), token.expiresAt());
        assertEquals(now().plusSeconds(77).getEpochSecond(), minted.getExpiresAt());
        assertEquals(now().getEpochSecond(), minted.getIssuedAt());
        assertEquals(Set.of("sub", "aud", "exp", "iat"), token.claims().keySet());
        assertTrue(published.getKeyId().matches("[a-zA-Z0-9]{32}"), published::getKeyId);
        assertFalse(published.getTainted());
    }

    @Test
    void aTokenNeedsAnAudience() {
        Refused.with(Code.INVALID_ARGUMENT, () -> server.svids().mintJWTSVID(wanted().build()));
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.svids().mintJWTSVID(wanted("").build()));
        var token =
                server.svids().mintJWTSVID(wanted("", "a").build()).getSvid().getToken();
        assertEquals(List.of("a"), JwtSvid.parseInsecure(token).audience());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/spire/agent/x"})
    void aTokenIsForAWorkloadOnly(String path) {
        var id = SPIFFEID.newBuilder().setTrustDomain("example.org").setPath(path);

        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.svids().mintJWTSVID(wanted("a").setId(id).build()));
    }
}
