// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import com.google.protobuf.ByteString;
import io.countersign.rpc.RpcServer;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.util.List;

/** A Workload API that gives every caller the same identity. */
final class TestAgent implements AutoCloseable {
    private final RpcServer server;

    TestAgent(Path socket, TestAuthority authority, X509Svid svid) throws IOException, CertificateEncodingException {
        var authorities = authority.bundle().x509Authorities().getFirst().getEncoded();
        var answer = X509SVIDResponse.newBuilder()
                .addSvids(X509SVID.newBuilder()
                        .setSpiffeId(svid.id().toString())
                        .setX509Svid(ByteString.copyFrom(svid.leaf().getEncoded()))
                        .setX509SvidKey(ByteString.copyFrom(svid.privateKey().getEncoded()))
                        .setBundle(ByteString.copyFrom(authorities)))
                .build();
        var service = new SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase() {
            @Override
            public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> observer) {
                observer.onNext(answer);
            }
        };
        server = RpcServer.onUnixSocket(socket, 0600, List.of(service.bindService()), List.of());
    }

    @Override
    public void close() throws Exception {
        server.close();
    }
}
