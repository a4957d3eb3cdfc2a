// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.explain.RefusedCalls;
import io.countersign.rpc.BoundedLog;
import io.countersign.rpc.Peer;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Remembers who was refused, and gives the caller an id in a trailer by which an operator finds it: why it was refused, the
 * caller is not told.
 */
final class RefusedCallers implements ServerInterceptor {
    static final Metadata.Key<String> ID = Metadata.Key.of("countersign-refusal-id", Metadata.ASCII_STRING_MARSHALLER);

    private final BoundedLog log = new BoundedLog(LoggerFactory.getLogger(RefusedCallers.class), "refused calls");
    private final RefusedCalls refused;

    RefusedCallers(RefusedCalls refused) {
        this.refused = refused;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!(Peer.current() instanceof Peer.LocalProcess process)) {
            return next.startCall(call, headers);
        }
        // whoever stands around this may want to know it, too
        var found = Optional.ofNullable(WorkloadAttestors.FOUND.get())
                .orElseGet(() -> new AtomicReference<>(Optional.empty()));
        var noting = new SimpleForwardingServerCall<Q, A>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                if (status.getCode() == Status.Code.PERMISSION_DENIED) {
                    var method = getMethodDescriptor().getFullMethodName();
                    var id = refused.note(process, method, found.get());
                    var selectors = refused.logged(found.get());
                    log.log(
                            Level.INFO,
                            "pid {} is refused {}: {}; refusal {}{}",
                            process.pid(),
                            method,
                            String.valueOf(status.getDescription()),
                            id,
                            selectors.isEmpty() ? "" : "; selectors " + selectors);
                    trailers.put(ID, id);
                }
                super.close(status, trailers);
            }
        };
        return Contexts.interceptCall(
                Context.current().withValue(WorkloadAttestors.FOUND, found), noting, headers, next);
    }
}
