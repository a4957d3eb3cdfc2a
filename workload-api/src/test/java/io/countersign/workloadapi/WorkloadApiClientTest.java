// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static io.countersign.workloadapi.TestAuthority.ABROAD;
import static io.countersign.workloadapi.TestAuthority.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.countersign.spiffe.SpiffeId;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.ValidateJWTSVIDResponse;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single questions to an agent on a real socket. */
final class WorkloadApiClientTest {
    @TempDir
    private Path folder;

    private final TestAuthority home = new TestAuthority(HOME);
    private final TestAuthority abroad = new TestAuthority(ABROAD);
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

    @Test
    void identitiesComeWithTheirHintsAndAllBundles() {
        var first = home.issue("/a").withHint("internal");
        var second = home.issue("/b");
        agent.x509.push(home.response(first, second).toBuilder()
                .putFederatedBundles(ABROAD.idString(), abroad.der())
                .build());

        var context = client.fetchX509Context();

        assertEquals(List.of(first, second), context.svids());
        assertEquals(first, context.defaultSvid());
        assertEquals(Optional.of(first), context.svidWithHint("internal"));
        assertEquals(Optional.empty(), context.svidWithHint("external"));
        assertEquals(Map.of(HOME, home.bundle(), ABROAD, abroad.bundle()), context.bundles());
    }

    @Test
    void bundlesComeByTrustDomain() {
        agent.x509Bundles.push(X509BundlesResponse.newBuilder()
                .putBundles(HOME.idString(), home.der())
                .putBundles(ABROAD.idString(), abroad.der())
                .build());
        agent.jwtBundles.push(JWTBundlesResponse.newBuilder()
                .putBundles(
                        HOME.idString(),
                        ByteString.copyFromUtf8(home.jwtBundle().toJwks()))
                .build());

        assertEquals(Map.of(HOME, home.bundle(), ABROAD, abroad.bundle()), client.fetchX509Bundles());
        assertEquals(Map.of(HOME, home.jwtBundle()), client.fetchJwtBundles());
    }

    @Test
    void keyOfABundleIsTheIdOfItsTrustDomainOrItsName() {
        agent.x509.push(home.response(home.issue("/a")).toBuilder()
                .putFederatedBundles("abroad.org", abroad.der())
                .build());
        agent.x509Bundles.push(X509BundlesResponse.newBuilder()
                .putBundles("spiffe://example.org", home.der())
                .putBundles("abroad.org", abroad.der())
                .build());
        agent.jwtBundles.push(JWTBundlesResponse.newBuilder()
                .putBundles(
                        "example.org", ByteString.copyFromUtf8(home.jwtBundle().toJwks()))
                .build());

        var both = Map.of(HOME, home.bundle(), ABROAD, abroad.bundle());
        assertEquals(both, client.fetchX509Context().bundles());
        assertEquals(both, client.fetchX509Bundles());
        assertEquals(Map.of(HOME, home.jwtBundle()), client.fetchJwtBundles());
    }

    @Test
    void fieldsOfLaterStandardsAndRevocationListsAreIgnored() {
        var later = UnknownFieldSet.newBuilder()
                .addField(
                        1_000,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8("new"))
                                .build())
                .build();
        var svid = home.issue("/a");
        agent.x509.push(X509SVIDResponse.newBuilder()
                .addSvids(home.message(svid).setUnknownFields(later))
                .addCrl(ByteString.copyFromUtf8("no list"))
                .setUnknownFields(later)
                .build());

        assertEquals(List.of(svid), client.fetchX509Context().svids());
    }

    @Test
    void answerOfMoreThanFourMebibytesIsTaken() {
        var many = Collections.nCopies(150, abroad.der()).stream().reduce(ByteString.EMPTY, ByteString::concat);
        var answer = home.response(home.issue("/a")).toBuilder();
        for (int i = 0; i < 100; i++) {
            answer.putFederatedBundles("spiffe://domain-" + i, many);
        }
        var large = answer.build();
        assertTrue(large.getSerializedSize() > 5 << 20, () -> large.getSerializedSize() + " bytes");
        agent.x509.push(large);

        assertEquals(101, client.fetchX509Context().bundles().size());
    }

    @Test
    void tokensAreAskedForByAudienceAndIdentity() {
        var one = home.token("/a", "x");
        agent.jwt.push(JWTSVIDResponse.newBuilder()
                .addSvids(one)
                .addSvids(home.token("/b", "x"))
                .build());
        var id = SpiffeId.of(HOME, "/a");

        assertEquals(one.getSvid(), client.fetchJwtSvid("x").token());
        assertEquals(id, client.fetchJwtSvid("x", List.of("y", "z")).id());
        assertEquals(2, client.fetchJwtSvids(List.of("x"), Optional.of(id)).size());

        var asked = agent.tokenRequests;
        assertEquals(List.of("x"), asked.get(0).getAudienceList());
        assertEquals(List.of("x", "y", "z"), asked.get(1).getAudienceList());
        assertEquals("", asked.get(1).getSpiffeId());
        assertEquals("spiffe://example.org/a", asked.get(2).getSpiffeId());
    }

    @Test
    void tokenIsValidatedByTheAgent() {
        var answer = ValidateJWTSVIDResponse.newBuilder()
                .setSpiffeId("spiffe://example.org/a")
                .build();
        agent.validation.push(answer);

        assertEquals(answer, client.validateJwtSvid("audience", "a.b.c"));
        assertEquals("audience", agent.validationRequests.getFirst().getAudience());
        assertEquals("a.b.c", agent.validationRequests.getFirst().getSvid());
    }

    @Test
    void everyCallSendsTheSecurityHeaderOnce() throws Exception {
        var refused = Status.PERMISSION_DENIED;
        agent.x509.refuse(refused);
        agent.x509Bundles.refuse(refused);
        agent.jwtBundles.refuse(refused);
        agent.jwt.refuse(refused);
        agent.validation.refuse(refused);
        assertThrows(WorkloadApiException.class, client::fetchX509Context);
        assertThrows(WorkloadApiException.class, client::fetchX509Bundles);
        assertThrows(WorkloadApiException.class, client::fetchJwtBundles);
        assertThrows(WorkloadApiException.class, () -> client.fetchJwtSvid("x"));
        assertThrows(WorkloadApiException.class, () -> client.validateJwtSvid("x", "t"));
        var heard = new Heard<X509Context>();
        try (var watch = client.watchX509Context(heard)) {
            heard.error();
        }

        assertEquals(Collections.nCopies(6, List.of("true")), agent.headers.subList(0, 6));
    }

    @Test
    void refusalIsToldInTheAgentsWords() {
        agent.x509.refuse(Status.PERMISSION_DENIED.withDescription("no identity issued"));

        var refused = assertThrows(WorkloadApiException.class, client::fetchX509Context);

        assertEquals(Status.Code.PERMISSION_DENIED, refused.code());
        assertEquals("fetch X.509-SVIDs: PERMISSION_DENIED: no identity issued", refused.getMessage());
        assertFalse(refused.isFinal());
    }

    @Test
    void silentAgentIsNotWaitedForLongerThanTheTimeout() throws Exception {
        try (var hasty = WorkloadApiClient.connect(folder.resolve("agent.sock").toString(), Duration.ofMillis(50))) {
            var late = assertThrows(WorkloadApiException.class, hasty::fetchX509Context);
            assertEquals(Status.Code.DEADLINE_EXCEEDED, late.code());
        }
    }

    @Test
    void missingAgentIsUnavailable() {
        try (var lost = WorkloadApiClient.connect("unix://" + folder + "/nobody.sock")) {
            var failed = assertThrows(WorkloadApiException.class, lost::fetchX509Context);
            assertEquals(Status.Code.UNAVAILABLE, failed.code());
        }
    }

    @Test
    void streamOfASingleQuestionIsNotLeftOpen() {
        agent.x509.push(home.response(home.issue("/a")));
        client.fetchX509Context();

        Eventually.holds("the agent sees that the client has gone", () -> !agent.x509.isFollowed());
        assertEquals(1, agent.x509.calls().size());
    }
}
