// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import com.google.protobuf.ByteString;
import io.countersign.ca.jwt.JwtIssuer;
import io.countersign.ca.jwt.JwtKey;
import io.countersign.ca.jwt.TokenTemplate;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.rpc.RpcServer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.JWTSVID;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Workload API on a Unix socket whose identities the test issues. It knows no identity before the first one. */
public final class TestAgent implements AutoCloseable {
    static final TrustDomain HOME = new TrustDomain("example.org");
    static final TrustDomain ABROAD = new TrustDomain("abroad.org");
    private static final SpiffeId ID = SpiffeId.parse("spiffe://example.org/sa/backend");
    private static final Duration DAY = Duration.ofDays(1);

    private final X509Authority authority = authority(HOME, DAY);
    private final X509Authority foreign = authority(ABROAD, DAY);
    private final JwtKey jwtKey = JwtKey.of(KeyType.EC_P256.generate(), Instant.now(), DAY);
    private final RpcServer server;
    private final List<StreamObserver<X509SVIDResponse>> followers = new ArrayList<>();
    private boolean refused;
    private X509SVIDResponse newest = X509SVIDResponse.getDefaultInstance();

    TestAgent(Path socket) throws IOException {
        server = RpcServer.onUnixSocket(socket, 0777, List.of(new Service().bindService()), List.of());
    }

    static X509Authority authority(TrustDomain domain, Duration ttl) {
        return X509Authority.selfSigned(domain, CaSubject.STANDARD, KeyType.EC_P256.generate(), Instant.now(), ttl);
    }

    X509Certificate authority() {
        return authority.certificate();
    }

    X509Certificate foreignAuthority() {
        return foreign.certificate();
    }

    /** Issues an identity for each hint and pushes them; gives the leaf of the first. */
    synchronized X509Certificate issue(String... hints) {
        var response = X509SVIDResponse.newBuilder().putFederatedBundles(ABROAD.idString(), der(foreign.certificate()));
        var leaves = new ArrayList<X509Certificate>();
        for (var hint : hints.length == 0 ? new String[] {""} : hints) {
            var keys = KeyType.EC_P256.generate();
            var leaf = new X509Issuer(authority)
                    .issue(SvidTemplate.of(ID, keys.getPublic(), Duration.ofHours(1)), Instant.now());
            leaves.add(leaf);
            response.addSvids(X509SVID.newBuilder()
                    .setSpiffeId(ID.toString())
                    .setX509Svid(der(leaf))
                    .setX509SvidKey(ByteString.copyFrom(keys.getPrivate().getEncoded()))
                    .setBundle(der(authority.certificate()))
                    .setHint(hint));
        }
        newest = response.build();
        followers.forEach(follower -> follower.onNext(newest));
        return leaves.getFirst();
    }

    synchronized boolean hasRefused() {
        return refused;
    }

    private static ByteString der(X509Certificate certificate) {
        return ByteString.copyFrom(Der.encodeCertificates(List.of(certificate)));
    }

    private synchronized void follow(StreamObserver<X509SVIDResponse> follower) {
        if (newest.getSvidsCount() == 0) {
            refused = true;
            follower.onError(Status.PERMISSION_DENIED
                    .withDescription("no identity issued")
                    .asRuntimeException());
            return;
        }
        followers.add(follower);
        follower.onNext(newest);
    }

    @Override
    public void close() throws Exception {
        server.close();
    }

    private final class Service extends SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase {
        @Override
        public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> answer) {
            follow(answer);
        }

        @Override
        public void fetchJWTBundles(JWTBundlesRequest request, StreamObserver<JWTBundlesResponse> answer) {
            var jwks = TrustBundle.ofJwt(HOME, List.of(jwtKey.authority())).toJwks();
            answer.onNext(JWTBundlesResponse.newBuilder()
                    .putBundles(HOME.idString(), ByteString.copyFromUtf8(jwks))
                    .build());
        }

        @Override
        public void fetchJWTSVID(JWTSVIDRequest request, StreamObserver<JWTSVIDResponse> answer) {
            var token = new JwtIssuer(jwtKey)
                    .issue(
                            new TokenTemplate(
                                    ID, request.getAudienceList(), Duration.ofMinutes(5), Optional.empty(), true),
                            Instant.now());
            answer.onNext(JWTSVIDResponse.newBuilder()
                    .addSvids(JWTSVID.newBuilder().setSpiffeId(ID.toString()).setSvid(token))
                    .build());
            answer.onCompleted();
        }
    }
}
