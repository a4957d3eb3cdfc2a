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
import java.util.function.Supplier;

/**
 * Withholds an answer, and ends the call, when the caller is no longer the process that it was when the call began: another
 * one has its number, it has taken on another user or group, or it executes another program.
 */
final class SameProcess implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!(Peer.current() instanceof Peer.LocalProcess process)) {
            return next.startCall(call, headers);
        }
        var image = process.imageForCall();
        // of one that cannot be looked at nothing is noted: what needs to know who asks refuses it by itself
        var context = image.map(seen -> Context.current().withValue(WorkloadAttestors.CALLER, seen))
                .orElseGet(Context::current);
        return Contexts.interceptCall(context, new Guarded<>(call, process::image, image), headers, next);
    }

    /** A call of a process that is looked at again before each answer. */
    static final class Guarded<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final Supplier<Optional<ProcessImage>> now;
        private final Optional<ProcessImage> image;
        private boolean ended;

        /** @param image what it was when the call began; nothing if that could not be seen, which has to stay so */
        Guarded(ServerCall<Q, A> call, Supplier<Optional<ProcessImage>> now, Optional<ProcessImage> image) {
            super(call);
            this.now = now;
            this.image = image;
        }

        @Override
        public synchronized void sendMessage(A message) {
            if (ended || !now.get().equals(image)) {
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
