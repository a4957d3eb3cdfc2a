// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.countersign.rpc.RpcServer;
import io.countersign.sdsapi.core.DataSource;
import io.countersign.sdsapi.core.TypedExtensionConfig;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.sdsapi.tls.CertificateValidationContext;
import io.countersign.sdsapi.tls.SPIFFECertValidatorConfig;
import io.countersign.sdsapi.tls.Secret;
import io.countersign.sdsapi.tls.TlsCertificate;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Serves secrets over SDS on a Unix socket and remembers what it was told. */
final class TestAgent implements AutoCloseable {
    private final RpcServer server;
    private final Map<String, Secret> secrets = new ConcurrentHashMap<>();
    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
    final List<DiscoveryRequest> requests = new CopyOnWriteArrayList<>();

    TestAgent(Path socket) throws IOException {
        server = RpcServer.onUnixSocket(socket, 0777, List.of(new Service().bindService()), List.of());
    }

    /** Sets or replaces the identity {@code default} and the authorities {@code ROOTCA}. */
    void identity(TestAuthority.Issued issued) {
        set(Secret.newBuilder()
                .setName("default")
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(inline(issued.certificatePem()))
                        .setPrivateKey(inline(issued.keyPem())))
                .build());
    }

    void trust(String trustDomain, TestAuthority authority) {
        var config = SPIFFECertValidatorConfig.newBuilder()
                .addTrustDomains(SPIFFECertValidatorConfig.TrustDomain.newBuilder()
                        .setName(trustDomain)
                        .setTrustBundle(inline(authority.pem())))
                .build();
        set(Secret.newBuilder()
                .setName("ROOTCA")
                .setValidationContext(CertificateValidationContext.newBuilder()
                        .setCustomValidatorConfig(TypedExtensionConfig.newBuilder()
                                .setName("envoy.tls.cert_validator.spiffe")
                                .setTypedConfig(Any.pack(config))))
                .build());
    }

    void set(Secret secret) {
        secrets.put(secret.getName(), secret);
        subscribers.stream().filter(one -> one.name.equals(secret.getName())).forEach(Subscriber::push);
    }

    private static DataSource inline(String text) {
        return DataSource.newBuilder()
                .setInlineBytes(ByteString.copyFrom(text, StandardCharsets.US_ASCII))
                .build();
    }

    @Override
    public void close() throws Exception {
        server.close();
    }

    private final class Service extends SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase {
        @Override
        public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> responses) {
            return new Subscriber(responses);
        }
    }

    private final class Subscriber implements StreamObserver<DiscoveryRequest> {
        private final StreamObserver<DiscoveryResponse> responses;
        private String name = "";
        private int version;

        Subscriber(StreamObserver<DiscoveryResponse> responses) {
            this.responses = responses;
        }

        @Override
        public void onNext(DiscoveryRequest request) {
            requests.add(request);
            if (request.getResponseNonce().isEmpty()) {
                name = request.getResourceNames(0);
                subscribers.add(this);
                push();
            }
        }

        synchronized void push() {
            var secret = secrets.get(name);
            if (secret != null) {
                version++;
                responses.onNext(DiscoveryResponse.newBuilder()
                        .setVersionInfo(String.valueOf(version))
                        .setNonce("n" + version)
                        .setTypeUrl(request())
                        .addResources(Any.pack(secret))
                        .build());
            }
        }

        private String request() {
            return "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
        }

        @Override
        public void onError(Throwable failure) {
            subscribers.remove(this);
        }

        @Override
        public void onCompleted() {
            subscribers.remove(this);
            responses.onCompleted();
        }
    }
}
