// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import com.google.protobuf.MessageLite;
import io.countersign.rpc.CallTraffic;
import io.countersign.rpc.Peer;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.util.Optional;

/**
 * Bounds what is kept of requests: how large they are, and how many bytes of those that are not there as a whole. Nearly all
 * requests are a few bytes and come at one go. A conversation of SDS stays open for more, and counts until its first answer,
 * which only a caller with an identity gets.
 */
final class RequestLimits implements ServerInterceptor {
    /** A name of a service, which is kept as long as it is watched. */
    private static final int MOST_OF_A_PROBE = 1 << 10;
    /** A token with all that is in it. */
    private static final int MOST = 64 << 10;

    /** In bytes of each call, which are not counted. */
    private static final long FREE = 1 << 10;

    private final HeldBytes held = held(Runtime.getRuntime().maxMemory());

    /** An eighth of the memory for all, and an eighth of that for one user; a container has little. */
    private static HeldBytes held(long memory) {
        return new HeldBytes(Math.min(16L << 20, memory / 64), Math.min(128L << 20, memory / 8));
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!(Peer.current() instanceof Peer.LocalProcess process)) {
            return next.startCall(call, headers);
        }
        var bounded = new Bounded<>(call, held, process.uid());
        CallTraffic.current().follow(bounded.begun);
        return new Listening<>(next.startCall(bounded, headers), bounded);
    }

    /** In bytes. Those of SDS are bounded by the socket alone: a proxy lists all that it is built of, and many names. */
    private static int most(MethodDescriptor<?, ?> method) {
        return switch (String.valueOf(method.getServiceName())) {
            case SecretDiscoveryServiceGrpc.SERVICE_NAME -> Integer.MAX_VALUE;
            case HealthGrpc.SERVICE_NAME -> MOST_OF_A_PROBE;
            default -> MOST;
        };
    }

    /** What has come of a request. Told by the transport, which must not wait for whoever serves the call. */
    private static final class Begun implements CallTraffic.Follower {
        private final HeldBytes held;
        private final int uid;
        private final Runnable tooMuch;
        private long come;
        private long taken;
        private boolean isSettled;

        Begun(HeldBytes held, int uid, Runnable tooMuch) {
            this.held = held;
            this.uid = uid;
            this.tooMuch = tooMuch;
        }

        @Override
        public synchronized void received(long bytes) {
            come += bytes;
            long more = come - FREE - taken;
            if (isSettled || more <= 0) {
                return;
            }
            if (held.take(uid, more)) {
                taken += more;
            } else {
                ended();
                Thread.startVirtualThread(tooMuch);
            }
        }

        /** Also when it takes up no more than it does now. */
        @Override
        public synchronized void ended() {
            isSettled = true;
            held.giveBack(uid, taken);
            taken = 0;
        }
    }

    /** A call that this may end behind the back of whoever serves it. */
    private static final class Bounded<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final Begun begun;
        private final boolean isOfSds;
        private final int most;
        private boolean isClosed;
        private Optional<Status> refusal = Optional.empty();

        Bounded(ServerCall<Q, A> call, HeldBytes held, int uid) {
            super(call);
            var method = call.getMethodDescriptor();
            this.begun = new Begun(held, uid, this::refuseMore);
            this.isOfSds = SecretDiscoveryServiceGrpc.SERVICE_NAME.equals(method.getServiceName());
            this.most = most(method);
        }

        private synchronized void refuseMore() {
            if (!isClosed) {
                refuse("too much of requests is held that have begun and not been sent as a whole");
            }
        }

        void settle() {
            begun.ended();
        }

        /** @return whether whoever serves the call may have it */
        synchronized boolean admits(Object message) {
            if (!isClosed && most < Integer.MAX_VALUE && message instanceof MessageLite request) {
                int size = request.getSerializedSize();
                if (size > most) {
                    refuse("the request has %d bytes, expected %d at most".formatted(size, most));
                }
            }
            return isAdmitted();
        }

        synchronized boolean isAdmitted() {
            return refusal.isEmpty();
        }

        private void refuse(String words) {
            var status = Status.RESOURCE_EXHAUSTED.withDescription(words);
            close(status, new Metadata());
            refusal = Optional.of(status);
        }

        private void requireAdmitted() {
            if (refusal.isPresent()) {
                throw refusal.get().asRuntimeException();
            }
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            requireAdmitted();
            super.sendHeaders(headers);
        }

        @Override
        public synchronized void sendMessage(A message) {
            requireAdmitted();
            super.sendMessage(message);
            if (isOfSds) {
                settle();
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (isAdmitted()) {
                isClosed = true;
                settle();
                super.close(status, trailers);
            }
        }
    }

    private static final class Listening<Q, A> extends SimpleForwardingServerCallListener<Q> {
        private final Bounded<Q, A> call;

        Listening(ServerCall.Listener<Q> listener, Bounded<Q, A> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (call.admits(message)) {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            call.settle();
            if (call.isAdmitted()) {
                super.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            call.settle();
            super.onCancel();
        }

        @Override
        public void onComplete() {
            call.settle();
            super.onComplete();
        }
    }
}
