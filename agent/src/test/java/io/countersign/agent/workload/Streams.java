// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.agent.TestEndpoint;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIBlockingV2Stub;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Calls of the Workload API, message by message. */
final class Streams {
    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    private Streams() {}

    static SpiffeWorkloadAPIBlockingV2Stub stub(TestEndpoint endpoint) {
        return stub(endpoint.channel, List.of("true"));
    }

    /** @param headers values of the security header */
    static SpiffeWorkloadAPIBlockingV2Stub stub(Channel channel, List<String> headers) {
        var metadata = new Metadata();
        headers.forEach(value -> metadata.put(HEADER, value));
        return SpiffeWorkloadAPIGrpc.newBlockingV2Stub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                .withDeadlineAfter(50, TimeUnit.SECONDS);
    }

    static BlockingClientCall<?, X509SVIDResponse> follow(TestEndpoint endpoint) {
        return stub(endpoint).fetchX509SVID(X509SVIDRequest.getDefaultInstance());
    }

    static <M> M next(BlockingClientCall<?, M> call) throws Exception {
        var message = call.read();
        assertNotNull(message, "the stream ended with OK");
        return message;
    }

    static void assertEnds(Status.Code code, String words, BlockingClientCall<?, ?> call) {
        var ended = assertThrows(StatusException.class, call::read);
        assertEquals(code, ended.getStatus().getCode());
        assertEquals(words, ended.getStatus().getDescription());
    }

    static List<String> ids(X509SVIDResponse response) {
        return response.getSvidsList().stream().map(X509SVID::getSpiffeId).toList();
    }
}
