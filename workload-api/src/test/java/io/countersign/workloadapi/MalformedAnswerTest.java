// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static io.countersign.workloadapi.TestAuthority.ABROAD;
import static io.countersign.workloadapi.TestAuthority.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.spiffe.x509.Pem;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose answers break the standard: nothing of such an answer is used, and the error says what is wrong. */
final class MalformedAnswerTest {
    private static final ByteString GARBAGE = ByteString.copyFromUtf8("no certificate");

    @TempDir
    private Path folder;

    private final TestAuthority home = new TestAuthority(HOME);
    private TestAgent agent;
    private WorkloadApiClient client;

    @BeforeEach
    void open() throws Exception {
        agent = new TestAgent(folder.resolve("agent.sock"));
        client = WorkloadApiClient.connect("unix://" + folder + "/agent.sock");
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        agent.close();
    }

    private static void assertRefused(String part, Executable call) {
        var refused = assertThrows(WorkloadApiException.class, call);
        assertEquals(Status.Code.INTERNAL, refused.code());
        var words = String.valueOf(refused.getMessage());
        assertTrue(words.contains("the agent's answer is against the standard"), words);
        assertTrue(words.contains(part), words);
    }

    private void assertSvidRefused(String part, X509SVID.Builder broken) {
        agent.x509.push(X509SVIDResponse.newBuilder()
                .addSvids(home.message(home.issue("/right")))
                .addSvids(broken)
                .build());
        assertRefused(part, client::fetchX509Context);
    }

    private X509SVID.Builder good() {
        return home.message(home.issue("/a"));
    }

    @Test
    void answerWithoutAnIdentity() {
        agent.x509.push(X509SVIDResponse.getDefaultInstance());
        assertRefused("expected at least one", client::fetchX509Context);
    }

    @Test
    void nameThatIsNotTheCertificates() {
        assertSvidRefused(
                "the message names spiffe://example.org/other but its certificate is of spiffe://example.org/a",
                good().setSpiffeId("spiffe://example.org/other"));
    }

    @Test
    void keyOfAnotherCertificate() {
        assertSvidRefused("the private key does not belong", good().setX509SvidKey(good().getX509SvidKey()));
    }

    @Test
    void partsThatAreNoCertificates() {
        assertSvidRefused("", good().setX509Svid(GARBAGE));
        assertSvidRefused("", good().setX509SvidKey(GARBAGE));
        assertSvidRefused("", good().setBundle(GARBAGE));
        assertSvidRefused("the chain is empty", good().clearX509Svid());
        assertSvidRefused("", good().clearX509SvidKey());
        assertSvidRefused("", good().clearSpiffeId());
        assertSvidRefused(
                "",
                good().setX509Svid(ByteString.copyFromUtf8(
                        Pem.certificates(home.issue("/a").chain()))));
    }

    @Test
    void authorityInThePlaceOfALeaf() {
        assertSvidRefused("", good().setX509Svid(home.der()));
    }

    @Test
    void emptyBundle() {
        assertSvidRefused("the bundle of example.org is empty", good().clearBundle());
        agent.x509.push(home.response(home.issue("/a")).toBuilder()
                .putFederatedBundles(ABROAD.idString(), ByteString.EMPTY)
                .build());
        assertRefused("the bundle of abroad.org is empty", client::fetchX509Context);
        agent.x509Bundles.push(X509BundlesResponse.newBuilder()
                .putBundles(HOME.idString(), ByteString.EMPTY)
                .build());
        assertRefused("the bundle of example.org is empty", client::fetchX509Bundles);
    }

    @Test
    void twoBundlesOfOneTrustDomain() {
        agent.x509.push(home.response(home.issue("/a")).toBuilder()
                .putFederatedBundles(ABROAD.idString(), new TestAuthority(ABROAD).der())
                .putFederatedBundles(ABROAD.name(), new TestAuthority(ABROAD).der())
                .build());
        assertRefused("two bundles are of abroad.org", client::fetchX509Context);
    }

    @Test
    void bundleThatIsNoKeySet() {
        agent.jwtBundles.push(JWTBundlesResponse.newBuilder()
                .putBundles(HOME.idString(), GARBAGE)
                .build());
        assertRefused("", client::fetchJwtBundles);
    }

    @Test
    void tokensThatAreMissingOrOfAnotherName() {
        agent.jwt.push(JWTSVIDResponse.getDefaultInstance());
        assertRefused("no token came", () -> client.fetchJwtSvid("x"));

        var other = home.token("/a", "x").setSpiffeId("spiffe://example.org/other");
        agent.jwt.push(JWTSVIDResponse.newBuilder().addSvids(other).build());
        assertRefused("the message names spiffe://example.org/other", () -> client.fetchJwtSvid("x"));

        agent.jwt.push(JWTSVIDResponse.newBuilder()
                .addSvids(home.token("/a", "x").setSvid("a.b"))
                .build());
        assertRefused("", () -> client.fetchJwtSvid("x"));
    }

    @Test
    void streamThatEndsWithoutAnAnswer() {
        agent.x509.refuse(Status.OK);
        assertRefused("the stream ended without a message", client::fetchX509Context);
    }

    @Test
    void oneBadBundleAmongGoodOnesTakesTheWholeMessageWithIt() throws Exception {
        agent.x509.push(home.response(home.issue("/old")));
        try (var source = X509Source.open(client, Duration.ofSeconds(20))) {
            var before = source.context();
            var abroad = new TestAuthority(ABROAD);
            var broken = home.response(home.issue("/new")).toBuilder()
                    .putFederatedBundles(ABROAD.idString(), abroad.der())
                    .putFederatedBundles("spiffe://broken.org", GARBAGE);
            var heard = new Heard<X509Context>();
            try (var watch = client.watchX509Context(heard)) {
                assertEquals(before, heard.update());
                agent.x509.push(broken.build());
                assertEquals(Status.Code.INTERNAL, heard.error().code());
            }
            assertEquals(before, source.context());

            agent.x509.push(broken.removeFederatedBundles("spiffe://broken.org").build());
            Eventually.holds(
                    "the next good message",
                    () -> source.bundle(ABROAD).equals(Optional.of(abroad.bundle()))
                            && source.svid().id().path().equals("/new"));
        }
    }

    @Test
    void watchReportsItAndTakesTheNextGoodOne() throws Exception {
        var heard = new Heard<X509Context>();
        try (var watch = client.watchX509Context(heard)) {
            var first = home.issue("/a");
            agent.x509.push(home.response(first));
            assertEquals(first, heard.update().defaultSvid());

            agent.x509.push(X509SVIDResponse.getDefaultInstance());
            assertEquals(Status.Code.INTERNAL, heard.error().code());

            var second = home.issue("/a");
            agent.x509.push(home.response(second));
            assertEquals(second, heard.update().defaultSvid());
            assertEquals(1, agent.x509.calls().size());
        }
    }
}
