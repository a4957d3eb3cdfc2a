// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Refuses a Workload API call without the header that only a program that means this API sends (SPIFFE Workload
 * Endpoint section 6). The other services of the socket are called by programs that do not send it.
 */
final class SecurityHeader implements ServerInterceptor {
    private static final String SERVICE = "SpiffeWorkloadAPI";
    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (SERVICE.equals(call.getMethodDescriptor().getServiceName()) && !isThere(headers)) {
            call.close(Status.INVALID_ARGUMENT.withDescription("security header missing from request"), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
    }

    private static boolean isThere(Metadata headers) {
        var values = new ArrayList<String>();
        Optional.ofNullable(headers.getAll(HEADER)).ifPresent(all -> all.forEach(values::add));
        return values.equals(List.of("true"));
    }
}
