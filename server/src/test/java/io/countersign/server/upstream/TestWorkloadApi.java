// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.upstream;

import com.google.protobuf.ByteString;
import io.countersign.rpc.RpcServer;
import io.countersign.server.TestServer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.Der;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What an agent of a server gives to a program: an SVID that this server has signed, and the server's bundle. */
final class TestWorkloadApi extends SpiffeWorkloadAPIImplBase implements AutoCloseable {
    private final X509SVIDResponse answer;
    private final RpcServer socket;

    TestWorkloadApi(TestServer server, SpiffeId id, Path socket) throws IOException {
        var svid = server.mint(id);
        answer = X509SVIDResponse.newBuilder()
                .addSvids(X509SVID.newBuilder()
                        .setSpiffeId(id.toString())
                        .setX509Svid(ByteString.copyFrom(Der.encodeCertificates(svid.chain())))
                        .setX509SvidKey(ByteString.copyFrom(svid.privateKey().getEncoded()))
                        .setBundle(ByteString.copyFrom(
                                Der.encodeCertificates(server.bundle().x509Authorities()))))
                .build();
        this.socket = RpcServer.onUnixSocket(socket, 0700, List.of(bindService()), List.of());
    }

    /** The stream stays open, as an agent's does. */
    @Override
    public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> caller) {
        caller.onNext(answer);
    }

    @Override
    public void close() throws Exception {
        socket.close();
    }
}
