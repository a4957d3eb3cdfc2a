// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.endpoint;

import io.countersign.datastore.UnavailableException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure inside a call becomes its status: a refusal as it is, a database that is away UNAVAILABLE,
 * anything else INTERNAL.
 */
final class Failures implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(Failures.class);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onMessage(Q message) {
                guarded(call, () -> super.onMessage(message));
            }

            @Override
            public void onHalfClose() {
                guarded(call, super::onHalfClose);
            }
        };
    }

    private static void guarded(ServerCall<?, ?> call, Runnable handler) {
        var method = call.getMethodDescriptor().getFullMethodName();
        try {
            handler.run();
        } catch (StatusRuntimeException e) {
            log.atDebug()
                    .addKeyValue("method", method)
                    .addKeyValue("status", e.getStatus())
                    .log("call refused");
            call.close(e.getStatus(), Optional.ofNullable(e.getTrailers()).orElseGet(Metadata::new));
        } catch (UnavailableException e) {
            log.atWarn()
                    .addKeyValue("method", method)
                    .addKeyValue("reason", e.getMessage())
                    .log("call failed");
            call.close(Status.UNAVAILABLE.withDescription("the datastore is not available; try again"), new Metadata());
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("method", method).log("call failed");
            call.close(Status.INTERNAL.withDescription("the server failed; its log says why"), new Metadata());
        }
    }
}
