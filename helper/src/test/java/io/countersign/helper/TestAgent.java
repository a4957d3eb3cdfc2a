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
import io.grpc.Metadata;
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
    /** What whoever has no identity is told by our agent. */
    static final String REFUSAL = "0123456789abcdef";

    private static final Duration DAY = Duration.ofDays(1);

    private final TrustDomain home;
    private X509Authority authority;
    private final X509Authority foreign = authority(ABROAD, DAY);
    private final JwtKey jwtKey = JwtKey.of(KeyType.EC_P256.generate(), Instant.now(), DAY);
    private final RpcServer server;
    private final List<StreamObserver<X509SVIDResponse>> followers = new ArrayList<>();
    private boolean federated = true;
    private boolean refused;
    private X509SVIDResponse newest = X509SVIDResponse.getDefaultInstance();

    public TestAgent(Path socket) throws IOException {
        this(socket, HOME);
    }

    /** An agent of another trust domain. */
    public TestAgent(Path socket, TrustDomain home) throws IOException {
        this.home = home;
        authority = authority(home, DAY);
        server = RpcServer.onUnixSocket(socket, 0777, List.of(new Service().bindService()), List.of());
    }

    public static X509Authority authority(TrustDomain domain, Duration ttl) {
        return X509Authority.selfSigned(domain, CaSubject.STANDARD, KeyType.EC_P256.generate(), Instant.now(), ttl);
    }

    synchronized X509Certificate authority() {
        return authority.certificate();
    }

    X509Certificate foreignAuthority() {
        return foreign.certificate();
    }

    /** Issues an identity for each hint and pushes them; gives the leaf of the first. */
    public synchronized X509Certificate issue(String... hints) {
        return issue(Duration.ofHours(1), hints);
    }

    /** As the other; the identities have the paths /sa/backend, /sa/backend1 and so on. */
    synchronized X509Certificate issue(Duration ttl, String... hints) {
        var response = X509SVIDResponse.newBuilder();
        if (federated) {
            response.putFederatedBundles(ABROAD.idString(), der(foreign.certificate()));
        }
        var leaves = new ArrayList<X509Certificate>();
        for (var hint : hints.length == 0 ? new String[] {""} : hints) {
            var keys = KeyType.EC_P256.generate();
            var id = id(leaves.size());
            var leaf = new X509Issuer(authority).issue(SvidTemplate.of(id, keys.getPublic(), ttl), Instant.now());
            leaves.add(leaf);
            response.addSvids(X509SVID.newBuilder()
                    .setSpiffeId(id.toString())
                    .setX509Svid(der(leaf))
                    .setX509SvidKey(ByteString.copyFrom(keys.getPrivate().getEncoded()))
                    .setBundle(der(authority.certificate()))
                    .setHint(hint));
        }
        newest = response.build();
        followers.forEach(follower -> follower.onNext(newest));
        return leaves.getFirst();
    }

    /** Whether the next identities come with the bundle of another trust domain. */
    synchronized void federate(boolean whether) {
        federated = whether;
    }

    SpiffeId id(int number) {
        return SpiffeId.of(home, "/sa/backend" + (number == 0 ? "" : number));
    }

    /** A new authority in the place of the old one, which is trusted no more; the next identities are below it. */
    synchronized void replaceAuthority() {
        authority = authority(home, DAY);
    }

    /** Pushes the newest identities once more with the bundle as it is now. */
    synchronized void revoke() {
        replaceAuthority();
        var changed = newest.toBuilder().clearSvids();
        newest.getSvidsList()
                .forEach(svid -> changed.addSvids(svid.toBuilder().setBundle(der(authority.certificate()))));
        newest = changed.build();
        followers.forEach(follower -> follower.onNext(newest));
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
            var trailers = new Metadata();
            trailers.put(Metadata.Key.of("countersign-refusal-id", Metadata.ASCII_STRING_MARSHALLER), REFUSAL);
            follower.onError(Status.PERMISSION_DENIED
                    .withDescription("no identity issued")
                    .asRuntimeException(trailers));
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
            var jwks = TrustBundle.ofJwt(home, List.of(jwtKey.authority())).toJwks();
            answer.onNext(JWTBundlesResponse.newBuilder()
                    .putBundles(home.idString(), ByteString.copyFromUtf8(jwks))
                    .build());
        }

        /** Of the identity that is asked for; instead of one of another trust domain it gives its own first. */
        @Override
        public void fetchJWTSVID(JWTSVIDRequest request, StreamObserver<JWTSVIDResponse> answer) {
            boolean own = request.getSpiffeId().startsWith(home.idString() + "/");
            var id = own ? SpiffeId.parse(request.getSpiffeId()) : id(0);
            var token = new JwtIssuer(jwtKey)
                    .issue(
                            new TokenTemplate(
                                    id, request.getAudienceList(), Duration.ofMinutes(5), Optional.empty(), true),
                            Instant.now());
            answer.onNext(JWTSVIDResponse.newBuilder()
                    .addSvids(JWTSVID.newBuilder().setSpiffeId(id.toString()).setSvid(token))
                    .build());
            answer.onCompleted();
        }
    }
}
