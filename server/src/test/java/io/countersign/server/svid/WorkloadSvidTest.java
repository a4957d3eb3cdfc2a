// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.svid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.server.Refused;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig.Signing;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.NewJWTSVIDRequest;
import io.countersign.serverapi.svid.NewX509SVIDParams;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.Entry.AdditionalAttributes;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Identities that an agent fetches for its workloads. */
@Timeout(60)
class WorkloadSvidTest {
    @TempDir
    Path folder;

    private Optional<TestServer> opened = Optional.empty();

    @AfterEach
    void close() {
        opened.ifPresent(TestServer::close);
    }

    private TestServer start(UnaryOperator<Signing> change) throws Exception {
        var server = TestServer.start(folder, config -> TestConfig.signing(config, change.apply(config.signing())));
        opened = Optional.of(server);
        return server;
    }

    private static SVIDGrpc.SVIDBlockingStub as(TestServer server, X509Svid agent) {
        return TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(agent)));
    }

    private static NewX509SVIDParams wanted(String entry, ByteString csr) {
        return NewX509SVIDParams.newBuilder().setEntryId(entry).setCsr(csr).build();
    }

    @Test
    void aBatchIsAnsweredInItsOrderItemByItem() throws Exception {
        var server = start(signing -> signing);
        var agent = server.join();
        var _ = server.create(TestServer.entry(agent.id(), TestConfig.id("/short"), "unix:uid:1")
                .setId("short")
                .setX509SvidTtl(60)
                .addDnsNames("b.example.org")
                .addDnsNames("a.example.org"));
        var _ = server.create(TestServer.entry(agent.id(), TestConfig.id("/long"), "unix:uid:2")
                .setId("long"));
        var _ = server.create(TestServer.entry(TestConfig.id("/elsewhere"), TestConfig.id("/x"), "unix:uid:3")
                .setId("elsewhere"));
        var request = Request.uris("O=Forged", "spiffe://example.org/forged");

        var results = as(server, agent)
                .batchNewX509SVID(BatchNewX509SVIDRequest.newBuilder()
                        .addParams(wanted("long", request.der()))
                        .addParams(wanted("unknown", request.der()))
                        .addParams(wanted("elsewhere", request.der()))
                        .addParams(wanted("", request.der()))
                        .addParams(wanted("long", ByteString.EMPTY))
                        .addParams(wanted("long", Request.unproven().der()))
                        .addParams(wanted("short", request.der()))
                        .build())
                .getResultsList();

        int invalid = Code.INVALID_ARGUMENT.value();
        int unknown = Code.NOT_FOUND.value();
        assertEquals(
                List.of(0, unknown, unknown, invalid, invalid, invalid, 0),
                results.stream().map(one -> one.getStatus().getCode()).toList());
        assertEquals(
                "entry not found or not authorized", results.get(1).getStatus().getMessage());
        assertTrue(results.subList(1, 6).stream().noneMatch(one -> one.hasSvid()));
        var longer = TestServer.svid(results.getFirst().getSvid(), request.keys());
        var shorter = TestServer.svid(results.getLast().getSvid(), request.keys());
        assertEquals(TestConfig.id("/long"), longer.id());
        assertEquals(server.clock.instant().plus(Duration.ofHours(1)), end(longer));
        assertEquals(TestConfig.id("/short"), shorter.id());
        assertEquals(server.clock.instant().plusSeconds(60), end(shorter));
        var leaf = shorter.chain().getFirst();
        assertEquals(
                Set.of(
                        List.of(6, "spiffe://example.org/short"),
                        List.of(2, "a.example.org"),
                        List.of(2, "b.example.org")),
                Set.copyOf(leaf.getSubjectAlternativeNames()));
        assertEquals(new X500Principal("CN=b.example.org,O=SPIRE,C=US"), leaf.getSubjectX500Principal());
    }

    private static Instant end(X509Svid svid) {
        return svid.chain().getFirst().getNotAfter().toInstant();
    }

    @Test
    void aBatchOfNothingIsRefused() throws Exception {
        var server = start(signing -> signing);
        var svids = as(server, server.join());

        Refused.with(Code.INVALID_ARGUMENT, () -> svids.batchNewX509SVID(BatchNewX509SVIDRequest.getDefaultInstance()));
    }

    @Test
    void aTokenHasWhatItsEntrySays() throws Exception {
        var server = start(old -> new Signing(
                old.x509KeyType(),
                old.jwtKeyType(),
                old.subject(),
                Optional.of("https://issuer"),
                false,
                Optional.empty()));
        var agent = server.join();
        var svids = as(server, agent);
        var _ = server.create(TestServer.entry(agent.id(), TestConfig.id("/plain"), "unix:uid:1")
                .setId("plain")
                .setHint("internal"));
        var _ = server.create(TestServer.entry(agent.id(), TestConfig.id("/unique"), "unix:uid:2")
                .setId("unique")
                .setJwtSvidTtl(30)
                .setAdditionalAttributes(AdditionalAttributes.newBuilder().setJwtSvidIncludeJti(true)));

        var plain = svids.newJWTSVID(token("plain", "a")).getSvid();
        var one = JwtSvid.parseInsecure(
                svids.newJWTSVID(token("unique", "a", "b")).getSvid().getToken());
        var other = JwtSvid.parseInsecure(
                svids.newJWTSVID(token("unique", "a")).getSvid().getToken());

        assertEquals("", plain.getHint());
        assertEquals("/plain", plain.getId().getPath());
        assertEquals(server.clock.instant().plus(Duration.ofMinutes(5)).getEpochSecond(), plain.getExpiresAt());
        var claims = JwtSvid.parseInsecure(plain.getToken()).claims();
        assertEquals(Set.of("sub", "aud", "exp", "iat", "iss"), claims.keySet());
        assertEquals("https://issuer", claims.get("iss"));
        assertEquals(List.of("a", "b"), one.audience());
        assertEquals(server.clock.instant().plusSeconds(30), one.expiresAt());
        assertTrue(String.valueOf(one.claims().get("jti")).matches("[A-Za-z0-9_-]{22}"));
        assertNotEquals(one.claims().get("jti"), other.claims().get("jti"));
    }

    private static NewJWTSVIDRequest token(String entry, String... audience) {
        return NewJWTSVIDRequest.newBuilder()
                .setEntryId(entry)
                .addAllAudience(List.of(audience))
                .build();
    }

    @Test
    void aTokenNeedsAnEntryOfTheAgentAndAnAudience() throws Exception {
        var server = start(signing -> signing);
        var agent = server.join();
        var svids = as(server, agent);
        var _ = server.create(TestServer.entry(TestConfig.id("/elsewhere"), TestConfig.id("/x"), "unix:uid:3")
                .setId("elsewhere"));

        assertEquals(
                "entry not found or not authorized",
                Refused.with(Code.NOT_FOUND, () -> svids.newJWTSVID(token("elsewhere", "a"))));
        Refused.with(Code.NOT_FOUND, () -> svids.newJWTSVID(token("", "a")));
        Refused.with(Code.NOT_FOUND, () -> svids.newJWTSVID(token("elsewhere")));
        var _ = server.create(TestServer.entry(agent.id(), TestConfig.id("/own"), "unix:uid:4")
                .setId("own"));
        Refused.with(Code.INVALID_ARGUMENT, () -> svids.newJWTSVID(token("own")));
    }

    @Test
    void whereTokensAreDisabledThereAreNoneAndNoKeysForThem() throws Exception {
        var server = start(old -> new Signing(
                old.x509KeyType(), old.jwtKeyType(), old.subject(), Optional.empty(), true, Optional.empty()));
        var svids = as(server, server.join());
        var minting = MintJWTSVIDRequest.newBuilder()
                .setId(Ids.message(TestConfig.id("/x")))
                .addAudience("a")
                .build();

        assertEquals(
                "JWT functionality is disabled",
                Refused.with(Code.UNIMPLEMENTED, () -> svids.newJWTSVID(token("e", "a"))));
        assertEquals(
                "JWT functionality is disabled",
                Refused.with(Code.UNIMPLEMENTED, () -> server.svids().mintJWTSVID(minting)));
        assertEquals(0, server.published().getJwtAuthoritiesCount());
        assertFalse(server.published().getX509AuthoritiesList().isEmpty());
    }
}
