// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where a failure inside a call becomes its status: a refusal as it is, anything else INTERNAL. */
final class Refusing implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(Refusing.class);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall.Listener<Q> listener;
        try {
            // a method with a stream of requests begins here
            listener = next.startCall(call, headers);
        } catch (StatusRuntimeException e) {
            call.close(e.getStatus(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onMessage(Q message) {
                guarded(() -> super.onMessage(message));
            }

            @Override
            public void onHalfClose() {
                guarded(super::onHalfClose);
            }

            private void guarded(Runnable handler) {
                try {
                    handler.run();
                } catch (StatusRuntimeException e) {
                    call.close(e.getStatus(), new Metadata());
                } catch (RuntimeException e) {
                    log.atError()
                            .setCause(e)
                            .log("call {} failed", call.getMethodDescriptor().getFullMethodName());
                    call.close(Status.INTERNAL.withDescription("the agent failed; its log says why"), new Metadata());
                }
            }
        };
    }
}
