// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.process.Side;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.ValidateJWTSVIDRequest;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;

/** The security header, methods that are not served, and the health service beside them. */
final class HeaderCases {
    private HeaderCases() {}

    static List<CallCase> all() {
        return List.of(
                header("header: missing", List.of()),
                header("header: false", List.of("false")),
                header("header: in capital letters", List.of("TRUE")),
                header("header: twice", List.of("true", "true")),
                new CallCase("method: FetchWITSVID", caller -> raw(caller, "SpiffeWorkloadAPI/FetchWITSVID")),
                new CallCase("method: FetchWITBundles", caller -> raw(caller, "SpiffeWorkloadAPI/FetchWITBundles")),
                new CallCase("method: unknown", caller -> raw(caller, "SpiffeWorkloadAPI/FetchNothing")),
                new CallCase("method: of an unknown service", caller -> raw(caller, "example.Service/Fetch")),
                new CallCase("method: health", caller -> raw(caller, "grpc.health.v1.Health/Check")));
    }

    /** Asks each method with these values. */
    private static CallCase header(String name, List<String> values) {
        return new CallCase(name, caller -> {
            caller.ask(
                            "x509",
                            values,
                            Words::svids,
                            (stub, received) -> stub.fetchX509SVID(X509SVIDRequest.getDefaultInstance(), received))
                    .await(1);
            caller.ask(
                            "x509 bundles",
                            values,
                            Words::bundles,
                            (stub, received) ->
                                    stub.fetchX509Bundles(X509BundlesRequest.getDefaultInstance(), received))
                    .await(1);
            caller.ask(
                            "jwt bundles",
                            values,
                            Words::bundlesOfTokens,
                            (stub, received) -> stub.fetchJWTBundles(JWTBundlesRequest.getDefaultInstance(), received))
                    .await(1);
            caller.ask(
                            "jwt",
                            values,
                            Words::tokens,
                            (stub, received) -> stub.fetchJWTSVID(
                                    JWTSVIDRequest.newBuilder().addAudience("a").build(), received))
                    .await(1);
            caller.ask(
                            "validate",
                            values,
                            Words::validated,
                            (stub, received) ->
                                    stub.validateJWTSVID(ValidateJWTSVIDRequest.getDefaultInstance(), received))
                    .await(1);
        });
    }

    private static void raw(Callers caller, String method) {
        var descriptor = MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setFullMethodName(method)
                .setType(MethodDescriptor.MethodType.UNARY)
                .build();
        var header = new Metadata();
        header.put(Callers.HEADER, "true");
        caller.<byte[]>receive(
                        "answer",
                        (_, bytes) -> HexFormat.of().formatHex(bytes),
                        (side, received) -> call(caller, side, descriptor, header, received))
                .await(Integer.MAX_VALUE);
    }

    private static void call(
            Callers caller,
            Side side,
            MethodDescriptor<byte[], byte[]> method,
            Metadata header,
            StreamObserver<byte[]> received) {
        var channel =
                ClientInterceptors.intercept(caller.channel(side), MetadataUtils.newAttachHeadersInterceptor(header));
        ClientCalls.asyncUnaryCall(channel.newCall(method, CallOptions.DEFAULT), new byte[0], received);
    }

    /** Messages as they are on the wire. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
