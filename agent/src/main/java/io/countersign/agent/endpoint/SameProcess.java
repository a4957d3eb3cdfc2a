// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.rpc.Peer;
import io.countersign.rpc.ProcessImage;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;

/**
 * Withholds an answer, and ends the call, when the caller is no longer the process that it was when the call began: another
 * one has its number, it has taken on another user or group, or it executes another program.
 */
final class SameProcess implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (Peer.current() instanceof Peer.LocalProcess process) {
            var image = process.imageForCall();
            if (image.isPresent()) {
                var context = Context.current().withValue(WorkloadAttestors.CALLER, image.get());
                return Contexts.interceptCall(context, new Guarded<>(call, process, image), headers, next);
            }
        }
        // nobody's: what needs to know who asks refuses it by itself
        return next.startCall(call, headers);
    }

    private static final class Guarded<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final Peer.LocalProcess process;
        private final Optional<ProcessImage> image;
        private boolean ended;

        Guarded(ServerCall<Q, A> call, Peer.LocalProcess process, Optional<ProcessImage> image) {
            super(call);
            this.process = process;
            this.image = image;
        }

        @Override
        public synchronized void sendMessage(A message) {
            if (ended || !process.image().equals(image)) {
                var gone = Status.UNAUTHENTICATED.withDescription("the process that called is not there any more");
                close(gone, new Metadata());
                ended = true;
                // whoever serves the call would go on with it
                throw gone.asRuntimeException();
            }
            super.sendMessage(message);
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!ended) {
                super.close(status, trailers);
            }
        }
    }
}
