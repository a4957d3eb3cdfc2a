// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.localauthority;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.ca.x509.KeyIds;
import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig.Signing;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.localauthority.ActivateJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityRequest;
import io.countersign.serverapi.localauthority.GetJWTAuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetJWTAuthorityStateResponse;
import io.countersign.serverapi.localauthority.GetWITAuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateResponse;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc.LocalAuthorityBlockingStub;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509UpstreamAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509AuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509UpstreamAuthorityRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.Status.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An operator replaces what signs, step by step, and is told what may not be done. */
@Timeout(60)
class LocalAuthorityTest {
    @TempDir
    Path folder;

    private TestServer server;
    private LocalAuthorityBlockingStub authorities;

    @BeforeEach
    void start() throws Exception {
        use(TestServer.start(folder));
    }

    private void use(TestServer started) {
        server = started;
        authorities = TestServer.waiting(LocalAuthorityGrpc.newBlockingStub(server.local()));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void restart() throws Exception {
        server.close();
        use(server.again());
    }

    private GetX509AuthorityStateResponse x509() {
        return authorities.getX509AuthorityState(GetX509AuthorityStateRequest.getDefaultInstance());
    }

    private String prepareX509() {
        return authorities
                .prepareX509Authority(PrepareX509AuthorityRequest.getDefaultInstance())
                .getPreparedAuthority()
                .getAuthorityId();
    }

    private String activateX509(String id) {
        return authorities
                .activateX509Authority(ActivateX509AuthorityRequest.newBuilder()
                        .setAuthorityId(id)
                        .build())
                .getActivatedAuthority()
                .getAuthorityId();
    }

    private String taintX509(String id) {
        return authorities
                .taintX509Authority(TaintX509AuthorityRequest.newBuilder()
                        .setAuthorityId(id)
                        .build())
                .getTaintedAuthority()
                .getAuthorityId();
    }

    private String revokeX509(String id) {
        return authorities
                .revokeX509Authority(RevokeX509AuthorityRequest.newBuilder()
                        .setAuthorityId(id)
                        .build())
                .getRevokedAuthority()
                .getAuthorityId();
    }

    private List<X509Certificate> roots() {
        return server.published().getX509AuthoritiesList();
    }

    private String issuer(String path) {
        return KeyIds.authority(server.mint(TestConfig.id(path)).leaf());
    }

    @Test
    void aCertificateAuthorityIsReplacedStepByStep() throws Exception {
        var first = x509().getActive().getAuthorityId();
        assertFalse(x509().hasPrepared());
        assertFalse(x509().hasOld());
        var before = server.mint(TestConfig.id("/before"));

        var second = prepareX509();
        assertEquals(second, x509().getPrepared().getAuthorityId());
        assertEquals(2, roots().size());
        assertEquals(first, issuer("/still"));

        assertEquals(second, activateX509(second));
        assertEquals(second, x509().getActive().getAuthorityId());
        assertEquals(first, x509().getOld().getAuthorityId());
        assertEquals(second, issuer("/now"));
        assertEquals(before.id(), X509SvidValidator.verify(before.chain(), server.bundle(), server.clock.instant()));

        assertEquals(first, taintX509(first));
        assertEquals(
                List.of(true, false),
                roots().stream().map(X509Certificate::getTainted).toList());

        assertEquals(first, revokeX509(first));
        assertEquals(1, roots().size());
        assertThrows(
                X509SvidException.class,
                () -> X509SvidValidator.verify(before.chain(), server.bundle(), server.clock.instant()));
    }

    @Test
    void everyStepIsThereAfterARestart() throws Exception {
        var first = x509().getActive().getAuthorityId();
        var second = prepareX509();
        restart();
        assertEquals(second, x509().getPrepared().getAuthorityId());
        activateX509(second);
        restart();
        assertEquals(second, x509().getActive().getAuthorityId());
        assertEquals(second, issuer("/now"));
        taintX509(first);
        restart();
        assertTrue(roots().getFirst().getTainted());
        revokeX509(first);
        restart();
        assertEquals(1, roots().size());
        assertEquals(first, x509().getOld().getAuthorityId());
    }

    @Test
    void whatIsPreparedAgainSignsInThePlaceOfWhatWasPrepared() {
        var superseded = prepareX509();
        var next = prepareX509();

        assertEquals("unexpected authority ID", refused(Code.INVALID_ARGUMENT, () -> activateX509(superseded)));
        assertEquals(next, activateX509(next));
        assertEquals(next, issuer("/now"));
        // it has been published, and somebody may have it
        assertEquals(3, roots().size());
    }

    @Test
    void theServersOwnRotationGoesOnFromThere() throws Exception {
        var second = prepareX509();
        activateX509(second);
        server.clock.advance(server.config.lives().authority().dividedBy(2).plusMinutes(1));
        restart();
        var third = x509().getPrepared().getAuthorityId();
        assertNotEquals(second, third);
        assertFalse(x509().hasOld());
        assertEquals(
                "only Old local authorities can be tainted: unsupported local authority status: PREPARED",
                refused(Code.INVALID_ARGUMENT, () -> taintX509(third)));
        server.clock.advance(server.config.lives().authority().dividedBy(3));
        restart();
        assertEquals(third, x509().getActive().getAuthorityId());
        assertEquals(second, x509().getOld().getAuthorityId());
    }

    @Test
    void whatSignsIsLeftAlone() {
        var active = x509().getActive().getAuthorityId();

        assertEquals(
                "unable to taint current local authority", refused(Code.INVALID_ARGUMENT, () -> taintX509(active)));
        assertEquals(
                "invalid authority ID: unable to use current authority",
                refused(Code.INVALID_ARGUMENT, () -> revokeX509(active)));
        assertEquals("unexpected authority ID", refused(Code.INVALID_ARGUMENT, () -> activateX509(active)));
    }

    @Test
    void onlyAnOldAuthorityIsTaintedAndOnlyATaintedOneIsRevoked() {
        var first = x509().getActive().getAuthorityId();
        var second = prepareX509();
        assertEquals("unexpected authority ID", refused(Code.INVALID_ARGUMENT, () -> taintX509("ff")));
        assertEquals(
                "invalid authority ID: only Old local authority can be revoked",
                refused(Code.INVALID_ARGUMENT, () -> revokeX509(second)));
        activateX509(second);
        assertEquals(
                "only Prepared authorities can be activated: unsupported local authority status: OLD",
                refused(Code.INTERNAL, () -> activateX509(first)));
        assertEquals(
                "failed to revoke X.509 authority: it is not possible to revoke an untainted root CA",
                refused(Code.INTERNAL, () -> revokeX509(first)));
        taintX509(first);
        assertEquals(
                "failed to taint X.509 authority: root CA is already tainted",
                refused(Code.INTERNAL, () -> taintX509(first)));
        revokeX509(first);
        assertEquals(
                "failed to revoke X.509 authority: no root CA found with provided subject key ID",
                refused(Code.INTERNAL, () -> revokeX509(first)));
        assertEquals(
                "failed to taint X.509 authority: no ca found with provided subject key ID",
                refused(Code.INTERNAL, () -> taintX509(first)));
    }

    @Test
    void anIdIsNeeded() {
        for (Runnable call : List.<Runnable>of(() -> activateX509(""), () -> taintX509(""))) {
            assertEquals("no authority ID provided", refused(Code.INVALID_ARGUMENT, call));
        }
        assertEquals(
                "invalid authority ID: no authority ID provided", refused(Code.INVALID_ARGUMENT, () -> revokeX509("")));
    }

    @Test
    void thereIsNoAuthorityAbove() {
        var taint = TaintX509UpstreamAuthorityRequest.newBuilder()
                .setSubjectKeyId("aa")
                .build();
        var revoke = RevokeX509UpstreamAuthorityRequest.newBuilder()
                .setSubjectKeyId("aa")
                .build();
        assertEquals(
                "upstream authority is not configured",
                refused(Code.FAILED_PRECONDITION, () -> authorities.taintX509UpstreamAuthority(taint)));
        assertEquals(
                "upstream authority is not configured",
                refused(Code.FAILED_PRECONDITION, () -> authorities.revokeX509UpstreamAuthority(revoke)));
    }

    private GetJWTAuthorityStateResponse jwt() {
        return authorities.getJWTAuthorityState(GetJWTAuthorityStateRequest.getDefaultInstance());
    }

    private String prepareJwt() {
        return authorities
                .prepareJWTAuthority(PrepareJWTAuthorityRequest.getDefaultInstance())
                .getPreparedAuthority()
                .getAuthorityId();
    }

    private void activateJwt(String id) {
        var _ = authorities.activateJWTAuthority(
                ActivateJWTAuthorityRequest.newBuilder().setAuthorityId(id).build());
    }

    private void taintJwt(String id) {
        var answer = authorities.taintJWTAuthority(
                TaintJWTAuthorityRequest.newBuilder().setAuthorityId(id).build());
        assertEquals(id, answer.getTaintedAuthority().getAuthorityId());
    }

    private void revokeJwt(String id) {
        var answer = authorities.revokeJWTAuthority(
                RevokeJWTAuthorityRequest.newBuilder().setAuthorityId(id).build());
        assertEquals(id, answer.getRevokedAuthority().getAuthorityId());
    }

    private String keyOfANewToken() {
        var request = MintJWTSVIDRequest.newBuilder()
                .setId(Ids.message(TestConfig.id("/w")))
                .addAudience("a")
                .build();
        var token = server.svids().mintJWTSVID(request).getSvid().getToken();
        var header = new String(
                Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.'))), StandardCharsets.UTF_8);
        return JsonParser.parseString(header).getAsJsonObject().get("kid").getAsString();
    }

    @Test
    void aKeyOfTokensIsReplacedStepByStep() throws Exception {
        var first = jwt().getActive().getAuthorityId();
        var second = prepareJwt();
        assertEquals(first, keyOfANewToken());
        assertEquals(
                "invalid authority ID: unable to use a prepared key",
                refused(Code.INVALID_ARGUMENT, () -> revokeJwt(second)));
        activateJwt(second);
        assertEquals(second, keyOfANewToken());
        assertEquals(
                "failed to revoke JWT authority: it is not possible to revoke an untainted key",
                refused(Code.INTERNAL, () -> revokeJwt(first)));
        taintJwt(first);
        assertEquals(
                "failed to taint JWT authority: key is already tainted", refused(Code.INTERNAL, () -> taintJwt(first)));
        restart();
        assertEquals(
                List.of(true, false),
                server.published().getJwtAuthoritiesList().stream()
                        .map(JWTKey::getTainted)
                        .toList());
        revokeJwt(first);
        assertEquals(1, server.published().getJwtAuthoritiesCount());
        assertEquals(first, jwt().getOld().getAuthorityId());
        assertEquals(
                "invalid authority ID: no JWT authority found with provided authority ID",
                refused(Code.INVALID_ARGUMENT, () -> revokeJwt("nothing")));
    }

    @Test
    void withoutTokensThereAreNoKeysOfTokens() throws Exception {
        server.close();
        use(TestServer.start(folder, config -> TestConfig.signing(config, withoutTokens(config.signing()))));
        for (Runnable call :
                List.<Runnable>of(this::jwt, this::prepareJwt, () -> activateJwt("x"), () -> revokeJwt("x"))) {
            assertEquals("JWT functionality is disabled", refused(Code.UNIMPLEMENTED, call));
        }
    }

    private static Signing withoutTokens(Signing old) {
        return new Signing(old.x509KeyType(), old.jwtKeyType(), old.subject(), old.jwtIssuer(), true, Optional.empty());
    }

    @Test
    void witAuthoritiesAreRefusedByName() {
        var request = GetWITAuthorityStateRequest.getDefaultInstance();
        assertEquals(
                "WIT-SVID functionality is not yet implemented",
                refused(Code.UNIMPLEMENTED, () -> authorities.getWITAuthorityState(request)));
    }

    private static String refused(Code code, Runnable call) {
        return Refused.with(code, call::run);
    }
}
