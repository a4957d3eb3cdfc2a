// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaRequest;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.KeyIds;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.config.ServerConfig.Signing;
import io.countersign.server.config.UpstreamSettings;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc.LocalAuthorityBlockingStub;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509UpstreamAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509AuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509UpstreamAuthorityRequest;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose authorities are signed by one in files. */
@Timeout(60)
class DiskUpstreamTest {
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path folder;

    private Optional<TestServer> started = Optional.empty();

    @AfterEach
    void close() {
        started.ifPresent(TestServer::close);
    }

    private X509Authority root(KeyPair keys) {
        // a minute ago, as the clock of a server that was started before stands still
        var begin = Instant.now().minusSeconds(60);
        return X509Authority.selfSigned(
                TestConfig.DOMAIN, new CaSubject(List.of("DE"), List.of("Root"), ""), keys, begin, YEAR);
    }

    private X509Authority writeRoot() throws IOException {
        var root = root(KeyType.EC_P256.generate());
        Files.writeString(folder.resolve("ca.pem"), Pem.certificates(List.of(root.certificate())));
        Files.writeString(folder.resolve("ca.key"), Pem.privateKey(root.key()));
        return root;
    }

    private ServerConfig upstream(ServerConfig config, Optional<Path> bundle) {
        var old = config.signing();
        return TestConfig.signing(
                config,
                new Signing(
                        old.x509KeyType(),
                        old.jwtKeyType(),
                        old.subject(),
                        old.jwtIssuer(),
                        old.jwtDisabled(),
                        Optional.of(new UpstreamSettings.Disk(
                                folder.resolve("ca.pem"), folder.resolve("ca.key"), bundle))));
    }

    private TestServer start(Optional<Path> bundle) throws IOException {
        var server = TestServer.start(folder, config -> upstream(config, bundle));
        started = Optional.of(server);
        return server;
    }

    private static LocalAuthorityBlockingStub authorities(TestServer server) {
        return TestServer.waiting(LocalAuthorityGrpc.newBlockingStub(server.local()));
    }

    private static String verified(TestServer server, X509Svid svid) {
        return X509SvidValidator.verify(svid.chain(), server.bundle(), server.clock.instant())
                .path();
    }

    @Test
    void theBundleHoldsTheRootAndEveryChainLeadsToIt() throws Exception {
        var root = writeRoot();
        var server = start(Optional.empty());

        var minted = server.mint(TestConfig.id("/minted"));
        var node = server.join();

        assertEquals(List.of(root.certificate()), server.bundle().x509Authorities());
        assertEquals(2, minted.chain().size());
        assertEquals("/minted", verified(server, minted));
        assertEquals(node.id().path(), verified(server, node));
        var own = minted.chain().getLast();
        assertEquals(List.of(List.of(6, "spiffe://example.org")), List.copyOf(own.getSubjectAlternativeNames()));
        assertEquals(KeyIds.subject(root.certificate()), KeyIds.authority(own));
        assertTrue(own.getSubjectX500Principal().getName().endsWith("O=SPIFFE,C=US"), own::toString);
        assertEquals(
                KeyIds.subject(root.certificate()),
                authorities(server)
                        .getX509AuthorityState(GetX509AuthorityStateRequest.getDefaultInstance())
                        .getActive()
                        .getUpstreamAuthoritySubjectKeyId());
    }

    @Test
    void aRestartFindsTheSameAuthority() throws Exception {
        writeRoot();
        var server = start(Optional.empty());
        var before = server.mint(TestConfig.id("/a")).chain().getLast();
        server.close();
        var again = server.again();
        started = Optional.of(again);

        assertEquals(before, again.mint(TestConfig.id("/a")).chain().getLast());
    }

    @Test
    void anIntermediateInTheFilesIsInEveryChain() throws Exception {
        var root = root(KeyType.EC_P256.generate());
        var keys = KeyType.RSA_2048.generate();
        var intermediate = new X509Issuer(root)
                .issueAuthority(CaRequest.of(TestConfig.DOMAIN, CaSubject.STANDARD, keys), YEAR, Instant.now());
        Files.writeString(folder.resolve("ca.pem"), Pem.certificates(intermediate));
        var older = new StringWriter();
        try (var writer = new JcaPEMWriter(older)) {
            writer.writeObject(keys.getPrivate());
        }
        assertTrue(older.toString().startsWith("-----BEGIN RSA PRIVATE KEY-----"), "not the older form");
        Files.writeString(folder.resolve("ca.key"), older.toString());
        Files.writeString(folder.resolve("root.pem"), Pem.certificates(List.of(root.certificate())));

        var server = start(Optional.of(folder.resolve("root.pem")));

        var minted = server.mint(TestConfig.id("/minted"));
        assertEquals(3, minted.chain().size());
        assertEquals("/minted", verified(server, minted));
        assertEquals(List.of(root.certificate()), server.bundle().x509Authorities());
    }

    @Test
    void changedFilesCountFromTheNextAuthorityOnAndBrokenOnesDoNot() throws Exception {
        var first = writeRoot();
        var server = start(Optional.empty());
        var second = writeRoot();
        prepareAndActivate(server);
        Files.writeString(folder.resolve("ca.key"), "no key");
        prepareAndActivate(server);

        assertEquals(
                List.of(first.certificate(), second.certificate()),
                server.bundle().x509Authorities());
        assertEquals(
                KeyIds.subject(second.certificate()),
                KeyIds.authority(server.mint(TestConfig.id("/a")).chain().getLast()));
    }

    private static void prepareAndActivate(TestServer server) {
        var prepared = authorities(server)
                .prepareX509Authority(PrepareX509AuthorityRequest.getDefaultInstance())
                .getPreparedAuthority()
                .getAuthorityId();
        var _ = authorities(server)
                .activateX509Authority(ActivateX509AuthorityRequest.newBuilder()
                        .setAuthorityId(prepared)
                        .build());
    }

    @Test
    void aRootIsGivenUpOnceNothingIsSignedBelowIt() throws Exception {
        var first = KeyIds.subject(writeRoot().certificate());
        var server = start(Optional.empty());
        assertEquals(
                "provided subject key id is not valid: unable to use upstream authority singing current authority",
                refused(Code.INVALID_ARGUMENT, () -> taint(server, first)));
        assertEquals(
                "provided subject key id is not valid: upstream authority didn't sign the old local authority",
                refused(Code.INVALID_ARGUMENT, () -> taint(server, "ff")));
        assertEquals(
                "invalid subject key ID: no subject key ID provided",
                refused(Code.INVALID_ARGUMENT, () -> revoke(server, "")));
        writeRoot();
        prepareAndActivate(server);
        assertEquals(
                "failed to revoke X.509 upstream authority: it is not possible to revoke an untainted root CA",
                refused(Code.INTERNAL, () -> revoke(server, first)));

        taint(server, first.toUpperCase(Locale.ROOT));
        assertEquals(
                List.of(true, false),
                server.published().getX509AuthoritiesList().stream()
                        .map(X509Certificate::getTainted)
                        .toList());
        revoke(server, first);
        assertEquals(1, server.published().getX509AuthoritiesCount());
    }

    @Test
    void theServersOwnAuthoritiesAreNotGivenUpByThemselves() throws Exception {
        writeRoot();
        var authorities = authorities(start(Optional.empty()));
        var taint = TaintX509AuthorityRequest.newBuilder().setAuthorityId("aa").build();
        var revoke =
                RevokeX509AuthorityRequest.newBuilder().setAuthorityId("aa").build();
        assertEquals(
                "local authority can't be tainted if there is an upstream authority",
                refused(Code.FAILED_PRECONDITION, () -> authorities.taintX509Authority(taint)));
        assertEquals(
                "local authority can't be revoked if there is an upstream authority",
                refused(Code.FAILED_PRECONDITION, () -> authorities.revokeX509Authority(revoke)));
    }

    private static void taint(TestServer server, String id) {
        var answer = authorities(server)
                .taintX509UpstreamAuthority(TaintX509UpstreamAuthorityRequest.newBuilder()
                        .setSubjectKeyId(id)
                        .build());
        assertEquals(id.toLowerCase(Locale.ROOT), answer.getUpstreamAuthoritySubjectKeyId());
    }

    private static void revoke(TestServer server, String id) {
        var answer = authorities(server)
                .revokeX509UpstreamAuthority(RevokeX509UpstreamAuthorityRequest.newBuilder()
                        .setSubjectKeyId(id)
                        .build());
        assertEquals(id, answer.getUpstreamAuthoritySubjectKeyId());
    }

    private static String refused(Code code, Runnable call) {
        return Refused.with(code, call::run);
    }

    @Test
    void anAuthorityThatVouchedForItselfGivesWayToOneSignedAbove() throws Exception {
        var server = TestServer.start(folder);
        var before = server.mint(TestConfig.id("/before"));
        server.close();
        writeRoot();
        var below = start(Optional.empty());

        assertEquals(2, below.mint(TestConfig.id("/after")).chain().size());
        assertEquals("/before", verified(below, before));
    }

    @Test
    void filesThatAreOfNoUseStopTheStart() throws Exception {
        writeRoot();
        var key = Files.readString(folder.resolve("ca.key"));
        writeRoot();
        assertRefused("is not that of the certificate", key);
        assertRefused("no private key found", "");
        Files.delete(folder.resolve("ca.key"));
        assertTrue(refusal().contains("ca.key is not there"), this::refusal);
    }

    private void assertRefused(String words, String key) throws IOException {
        Files.writeString(folder.resolve("ca.key"), key);
        assertTrue(refusal().contains(words), this::refusal);
    }

    private String refusal() {
        return String.valueOf(
                assertThrows(IOException.class, () -> start(Optional.empty())).getMessage());
    }

    @Test
    void anIntermediateWithoutItsRootIsRefused() throws Exception {
        var keys = KeyType.EC_P256.generate();
        var intermediate = new X509Issuer(root(KeyType.EC_P256.generate()))
                .issueAuthority(CaRequest.of(TestConfig.DOMAIN, CaSubject.STANDARD, keys), YEAR, Instant.now());
        Files.writeString(folder.resolve("ca.pem"), Pem.certificates(intermediate));
        Files.writeString(folder.resolve("ca.key"), Pem.privateKey(keys.getPrivate()));
        var other = root(KeyType.EC_P256.generate());
        Files.writeString(folder.resolve("root.pem"), Pem.certificates(List.of(other.certificate())));

        var refusal = assertThrows(IOException.class, () -> start(Optional.of(folder.resolve("root.pem"))));

        assertTrue(String.valueOf(refusal.getMessage()).contains("does not lead to"), refusal::getMessage);
    }
}
