// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.ca.key.KeyType;
import io.countersign.launch.Closing;
import io.countersign.server.Refused;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.config.ServerConfig.Signing;
import io.countersign.server.config.UpstreamSettings;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.BundleGrpc.BundleBlockingStub;
import io.countersign.serverapi.bundle.PublishJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityRequest;
import io.countersign.serverapi.localauthority.GetJWTAuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc.LocalAuthorityBlockingStub;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityRequest;
import io.countersign.serverapi.localauthority.TaintJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509AuthorityRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.NewDownstreamX509CARequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose authorities another server of its trust domain signs. */
@Timeout(120)
class NestedServersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final Closing closing = new Closing();
    private TestServer root;

    @BeforeEach
    void start() throws Exception {
        root = closing.add(TestServer.start(Files.createDirectory(folder.resolve("root"))));
    }

    @AfterEach
    void close() {
        closing.close();
    }

    private void register() {
        var _ = root.create(TestServer.entry(TestConfig.id("/node"), TestConfig.id("/nested"), "unix:uid:1")
                .setDownstream(true));
    }

    private Path socket() {
        return folder.resolve("agent.sock");
    }

    private TestWorkloadApi workloadApi() throws IOException {
        return closing.add(new TestWorkloadApi(root, TestConfig.id("/nested"), socket()));
    }

    private TestServer nested() throws IOException {
        register();
        return closing.add(TestServer.start(Files.createDirectory(folder.resolve("nested")), this::below));
    }

    private ServerConfig below(ServerConfig config) {
        var old = config.signing();
        return TestConfig.signing(
                config,
                new Signing(
                        old.x509KeyType(),
                        old.jwtKeyType(),
                        old.subject(),
                        old.jwtIssuer(),
                        old.jwtDisabled(),
                        Optional.of(new UpstreamSettings.Spire("127.0.0.1", root.port(), socket()))));
    }

    private static void await(String otherwise, BooleanSupplier condition) {
        var end = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(end), otherwise);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static LocalAuthorityBlockingStub authorities(TestServer server) {
        return TestServer.waiting(LocalAuthorityGrpc.newBlockingStub(server.local()));
    }

    private static String active(TestServer server) {
        return authorities(server)
                .getX509AuthorityState(GetX509AuthorityStateRequest.getDefaultInstance())
                .getActive()
                .getAuthorityId();
    }

    private static Set<String> keyIds(TestServer server) {
        return server.published().getJwtAuthoritiesList().stream()
                .map(JWTKey::getKeyId)
                .collect(Collectors.toSet());
    }

    @Test
    void whatTheNestedServerSignsIsGoodByTheRootsBundle() throws Exception {
        var _ = workloadApi();
        var nested = nested();

        assertEquals(root.bundle().x509Authorities(), nested.bundle().x509Authorities());
        var node = nested.join();
        var minted = nested.mint(TestConfig.id("/w"));
        for (var svid : List.of(node, minted)) {
            assertEquals(2, svid.chain().size());
            assertEquals(svid.id(), X509SvidValidator.verify(svid.chain(), root.bundle(), nested.clock.instant()));
        }
        var subject = minted.chain().getLast().getSubjectX500Principal().getName();
        assertTrue(subject.endsWith("OU=DOWNSTREAM-1,O=SPIFFE,C=US"), subject);
    }

    @Test
    void itsTokensAreGoodByTheRootsBundleAndTheOtherWayRound() throws Exception {
        var _ = workloadApi();
        var nested = nested();
        await("the keys are not the same", () -> keyIds(nested).equals(keyIds(root)));

        assertEquals(2, keyIds(root).size());
        var token = nested.svids()
                .mintJWTSVID(MintJWTSVIDRequest.newBuilder()
                        .setId(Ids.message(TestConfig.id("/w")))
                        .addAudience("a")
                        .build())
                .getSvid()
                .getToken();
        var keys = root.published().getJwtAuthoritiesList().stream()
                .map(key ->
                        JwtAuthority.parse(key.getKeyId(), key.getPublicKey().toByteArray()))
                .toList();
        assertEquals(
                TestConfig.id("/w"),
                JwtSvid.parseAndValidate(
                                token, TrustBundle.ofJwt(TestConfig.DOMAIN, keys), Set.of("a"), root.clock.instant())
                        .id());
    }

    private String replaceRoot() {
        var former = active(root);
        var next = authorities(root)
                .prepareX509Authority(PrepareX509AuthorityRequest.getDefaultInstance())
                .getPreparedAuthority()
                .getAuthorityId();
        var _ = authorities(root)
                .activateX509Authority(ActivateX509AuthorityRequest.newBuilder()
                        .setAuthorityId(next)
                        .build());
        return former;
    }

    private void taint(String authority) {
        var _ = authorities(root)
                .taintX509Authority(TaintX509AuthorityRequest.newBuilder()
                        .setAuthorityId(authority)
                        .build());
    }

    private void revoke(String authority) {
        var _ = authorities(root)
                .revokeX509Authority(RevokeX509AuthorityRequest.newBuilder()
                        .setAuthorityId(authority)
                        .build());
    }

    private static String activeUpstream(TestServer server) {
        return authorities(server)
                .getX509AuthorityState(GetX509AuthorityStateRequest.getDefaultInstance())
                .getActive()
                .getUpstreamAuthoritySubjectKeyId();
    }

    @Test
    void aRootThatBecomesTaintedIsLeftBeforeAnyoneHearsOfIt() throws Exception {
        var _ = workloadApi();
        var nested = nested();
        var before = active(nested);
        var former = replaceRoot();
        await(
                "the new root does not come",
                () -> nested.bundle().x509Authorities().size() == 2);
        assertEquals(before, active(nested));

        taint(former);
        await(
                "the taint does not come",
                () -> nested.published().getX509AuthoritiesList().stream().anyMatch(X509Certificate::getTainted));
        assertEquals(active(root), activeUpstream(nested));

        revoke(former);
        await(
                "the old root does not go",
                () -> nested.bundle().x509Authorities().size() == 1);
        var minted = nested.mint(TestConfig.id("/w"));
        assertEquals(minted.id(), X509SvidValidator.verify(minted.chain(), root.bundle(), nested.clock.instant()));
    }

    @Test
    void aRootThatWasRevokedMeanwhileIsLeftAfterARestart() throws Exception {
        var agent = workloadApi();
        var nested = nested();
        nested.close();
        var former = replaceRoot();
        taint(former);
        revoke(former);
        // an agent has another identity for it then
        agent.close();
        var _ = workloadApi();

        var again = closing.add(nested.again());

        await("it signs below the revoked root", () -> activeUpstream(again).equals(active(root)));
        var minted = again.mint(TestConfig.id("/w"));
        assertEquals(minted.id(), X509SvidValidator.verify(minted.chain(), root.bundle(), again.clock.instant()));
    }

    @Test
    void aTaintedKeyOfTokensIsTaintedBelowAndGoesWhereItIsRevoked() throws Exception {
        var _ = workloadApi();
        var nested = nested();
        var former = authorities(root)
                .getJWTAuthorityState(GetJWTAuthorityStateRequest.getDefaultInstance())
                .getActive()
                .getAuthorityId();
        var next = authorities(root)
                .prepareJWTAuthority(PrepareJWTAuthorityRequest.getDefaultInstance())
                .getPreparedAuthority()
                .getAuthorityId();
        var _ = authorities(root)
                .activateJWTAuthority(ActivateJWTAuthorityRequest.newBuilder()
                        .setAuthorityId(next)
                        .build());
        await("the new key does not come", () -> keyIds(nested).contains(next));
        var _ = authorities(root)
                .taintJWTAuthority(TaintJWTAuthorityRequest.newBuilder()
                        .setAuthorityId(former)
                        .build());
        await(
                "the taint does not come",
                () -> nested.published().getJwtAuthoritiesList().stream()
                        .anyMatch(key -> key.getTainted() && key.getKeyId().equals(former)));
        var _ = authorities(root)
                .revokeJWTAuthority(RevokeJWTAuthorityRequest.newBuilder()
                        .setAuthorityId(former)
                        .build());
        await("the revoked key stays", () -> keyIds(nested).equals(keyIds(root)));
    }

    @Test
    void aRestartNeedsNobodyAbove() throws Exception {
        var _ = workloadApi();
        var nested = nested();
        var before = active(nested);
        nested.close();
        root.close();
        var again = closing.add(nested.again());

        assertEquals(before, active(again));
        assertEquals(2, again.mint(TestConfig.id("/w")).chain().size());
        assertTrue(
                Refused.with(
                                Code.INTERNAL,
                                () -> authorities(again)
                                        .prepareX509Authority(PrepareX509AuthorityRequest.getDefaultInstance()))
                        .startsWith("failed to prepare X.509 authority: the upstream server 127.0.0.1:"),
                "it was prepared");
        assertEquals(before, active(again));
    }

    @Test
    void withoutTheFlagThereIsNoAuthority() throws Exception {
        var _ = workloadApi();
        var refusal = assertThrows(
                IOException.class,
                () -> TestServer.start(Files.createDirectory(folder.resolve("nested")), this::below));

        assertTrue(
                String.valueOf(refusal.getMessage())
                        .contains("authorization denied for method /spire.api.server.svid.v1.SVID/NewDownstreamX509CA"),
                refusal::getMessage);
    }

    private BundleBlockingStub asNested() {
        register();
        return TestServer.waiting(BundleGrpc.newBlockingStub(root.as(root.mint(TestConfig.id("/nested")))));
    }

    private static PublishJWTAuthorityRequest key(String id, ByteString key) {
        return PublishJWTAuthorityRequest.newBuilder()
                .setJwtAuthority(JWTKey.newBuilder()
                        .setKeyId(id)
                        .setPublicKey(key)
                        .setExpiresAt(Instant.now().plusSeconds(600).getEpochSecond()))
                .build();
    }

    @Test
    void aPublishedKeyIsOneThatSignsTokensAndHasAnIdOfItsOwn() {
        var bundles = asNested();
        var good = ByteString.copyFrom(KeyType.EC_P256.generate().getPublic().getEncoded());
        var other = ByteString.copyFrom(KeyType.EC_P256.generate().getPublic().getEncoded());

        assertEquals(2, bundles.publishJWTAuthority(key("one", good)).getJwtAuthoritiesCount());
        assertEquals(2, bundles.publishJWTAuthority(key("one", good)).getJwtAuthoritiesCount());
        assertTrue(keyIds(root).contains("one"));
        assertEquals("missing JWT authority", refused(PublishJWTAuthorityRequest.getDefaultInstance(), bundles));
        for (var wrong : List.of(key("one", other), key("", good), key("two", ByteString.copyFromUtf8("no key")))) {
            var words = refused(wrong, bundles);
            assertTrue(words.startsWith("invalid JWT authority: "), words);
        }
    }

    private static String refused(PublishJWTAuthorityRequest request, BundleBlockingStub bundles) {
        return Refused.with(Code.INVALID_ARGUMENT, () -> bundles.publishJWTAuthority(request));
    }

    @Test
    void anAuthorityIsSignedForWhoHoldsTheKeyAndForAsLongAsAsked() {
        register();
        var svids = TestServer.waiting(SVIDGrpc.newBlockingStub(root.as(root.mint(TestConfig.id("/nested")))));
        var request = NewDownstreamX509CARequest.newBuilder()
                .setCsr(Request.bare().der())
                .setPreferredTtl(600)
                .build();

        var answer = svids.newDownstreamX509CA(request);

        var signed =
                Der.parseCertificates(answer.getCaCertChain(0).toByteArray()).getFirst();
        assertEquals(root.clock.instant().plusSeconds(600), signed.getNotAfter().toInstant());
        assertEquals(
                root.bundle().x509Authorities(),
                Der.parseCertificates(answer.getX509Authorities(0).toByteArray()));
        assertEquals(
                "invalid CSR signature: the request's signature is not by its key",
                Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> svids.newDownstreamX509CA(NewDownstreamX509CARequest.newBuilder()
                                .setCsr(Request.unproven().der())
                                .build())));
        assertTrue(
                Refused.with(
                                Code.INVALID_ARGUMENT,
                                () -> svids.newDownstreamX509CA(NewDownstreamX509CARequest.getDefaultInstance()))
                        .startsWith("malformed CSR: "),
                "it was signed");
    }
}
