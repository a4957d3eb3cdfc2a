// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells how calls begin and end. Stands around all others, so that it sees what they refuse. */
public final class WatchedCalls implements ServerInterceptor {
    /** Called on the threads of the calls. */
    public interface Watcher {
        /** @param method such as {@code grpc.health.v1.Health/Check} */
        void began(String method);

        /** Once for each call that began. */
        void ended(String method, Code code, long nanos);
    }

    private final Watcher watcher;

    public WatchedCalls(Watcher watcher) {
        this.watcher = watcher;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        watcher.began(call.getMethodDescriptor().getFullMethodName());
        var watched = new Watched<>(call);
        ServerCall.Listener<Q> listener;
        try {
            listener = next.startCall(watched, headers);
        } catch (RuntimeException e) {
            watched.end(Code.UNKNOWN);
            throw e;
        }
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onCancel() {
                watched.end(Code.CANCELLED);
                super.onCancel();
            }

            @Override
            public void onComplete() {
                // ended without a word of ours: a request that cannot be read
                watched.end(Code.UNKNOWN);
                super.onComplete();
            }
        };
    }

    private final class Watched<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final long began = System.nanoTime();
        private final AtomicBoolean open = new AtomicBoolean(true);

        Watched(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            end(status.getCode());
            super.close(status, trailers);
        }

        void end(Code code) {
            if (open.getAndSet(false)) {
                watcher.ended(getMethodDescriptor().getFullMethodName(), code, System.nanoTime() - began);
            }
        }
    }
}
