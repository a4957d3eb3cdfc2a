// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.X509Authority;
import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.bundle.AppendBundleRequest;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.BundleMask;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.WITKey;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.x509.Der;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator adds to the bundle of this trust domain. */
@Timeout(60)
class AppendBundleTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private X509Certificate authority() {
        var authority = X509Authority.selfSigned(
                TestConfig.DOMAIN,
                CaSubject.STANDARD,
                KeyType.EC_P256.generate(),
                server.clock.instant(),
                Duration.ofDays(2));
        return X509Certificate.newBuilder()
                .setAsn1(ByteString.copyFrom(Der.encodeCertificates(List.of(authority.certificate()))))
                .build();
    }

    private static JWTKey key(String id) {
        return JWTKey.newBuilder()
                .setKeyId(id)
                .setPublicKey(ByteString.copyFrom(
                        KeyType.EC_P256.generate().getPublic().getEncoded()))
                .setExpiresAt(Instant.parse("2100-01-01T00:00:00Z").getEpochSecond())
                .build();
    }

    private Bundle append(AppendBundleRequest.Builder request) {
        return server.bundles().appendBundle(request.build());
    }

    @Test
    void whatIsAppendedIsInTheBundleAfterARestart() throws Exception {
        var before = server.published();
        var authority = authority();
        var key = key("elsewhere");

        var after = append(
                AppendBundleRequest.newBuilder().addX509Authorities(authority).addJwtAuthorities(key));

        assertEquals(before.getX509AuthoritiesCount() + 1, after.getX509AuthoritiesCount());
        assertTrue(after.getX509AuthoritiesList().contains(authority));
        assertTrue(after.getJwtAuthoritiesList().contains(key));
        assertEquals(before.getSequenceNumber() + 1, after.getSequenceNumber());
        assertEquals(after, server.published());
        server.close();
        server = server.again();
        assertEquals(after, server.published());
    }

    @Test
    void theSameAgainChangesNothing() {
        var request = AppendBundleRequest.newBuilder()
                .addX509Authorities(authority())
                .addX509Authorities(server.published().getX509Authorities(0));
        var once = append(request);

        assertEquals(once, append(request));
    }

    @Test
    void aMaskSaysWhatIsAnswered() {
        var answer = append(AppendBundleRequest.newBuilder()
                .addX509Authorities(authority())
                .setOutputMask(BundleMask.getDefaultInstance()));

        assertEquals(Bundle.newBuilder().setTrustDomain("example.org").build(), answer);
    }

    @Test
    void whatCannotBeUsedIsRefusedAndChangesNothing() {
        var before = server.published();
        append(AppendBundleRequest.newBuilder().addJwtAuthorities(key("taken")));

        assertEquals("no authorities to append", refused(AppendBundleRequest.newBuilder()));
        assertEquals(
                "failed to convert JWT authority: missing key ID",
                refused(AppendBundleRequest.newBuilder()
                        .addX509Authorities(authority())
                        .addJwtAuthorities(key(""))));
        assertTrue(refused(AppendBundleRequest.newBuilder()
                        .addX509Authorities(X509Certificate.newBuilder().setAsn1(ByteString.copyFromUtf8("x"))))
                .startsWith("failed to convert X.509 authority: "));
        assertEquals(
                "WIT authorities are not supported; expected none",
                refused(AppendBundleRequest.newBuilder()
                        .addJwtAuthorities(key("other"))
                        .addWitAuthorities(WITKey.getDefaultInstance())));
        assertEquals(
                "failed to append bundle: key id \"taken\" is that of another key, expected a new one",
                refused(AppendBundleRequest.newBuilder()
                        .addX509Authorities(authority())
                        .addJwtAuthorities(key("taken"))));
        assertEquals(before.getX509AuthoritiesCount(), server.published().getX509AuthoritiesCount());
    }

    private String refused(AppendBundleRequest.Builder request) {
        return Refused.with(Code.INVALID_ARGUMENT, () -> append(request));
    }
}
