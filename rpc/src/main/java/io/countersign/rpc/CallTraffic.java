// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Optional;

/**
 * What the transport sees of a call: its bytes as they come in, also those of a message that is not whole yet, and its end.
 * An interceptor sees whole messages only, and what a caller begins and never ends has to be held, too. Thread-safe.
 */
public final class CallTraffic extends ServerStreamTracer {
    /** Told by threads that must not wait. */
    public interface Follower {
        /** So many more have come in, or out of what came in compressed; a message counts for both. */
        void received(long bytes);

        /** Once, and the last that is told; of a call that ended before it was followed, too. */
        void ended();
    }

    static final ServerStreamTracer.Factory FACTORY = new ServerStreamTracer.Factory() {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return new CallTraffic();
        }
    };

    private static final Context.Key<CallTraffic> CONTEXT = Context.key("io.countersign.rpc.traffic");

    private Optional<Follower> follower = Optional.empty();
    private boolean ended;

    private CallTraffic() {}

    /**
     * That of the call that this thread serves.
     *
     * @throws IllegalStateException outside a call
     */
    public static CallTraffic current() {
        var traffic = CONTEXT.get();
        if (traffic == null) {
            throw new IllegalStateException("no call is served here, expected a thread of RpcServer");
        }
        return traffic;
    }

    /** To be called before the first message is asked for, so that none is missed. */
    public synchronized void follow(Follower by) {
        if (ended) {
            by.ended();
        } else {
            follower = Optional.of(by);
        }
    }

    private synchronized void received(long bytes) {
        follower.ifPresent(by -> by.received(bytes));
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(CONTEXT, this);
    }

    @Override
    public void inboundWireSize(long bytes) {
        received(bytes);
    }

    @Override
    public void inboundUncompressedSize(long bytes) {
        received(bytes);
    }

    @Override
    public synchronized void streamClosed(Status status) {
        ended = true;
        follower.ifPresent(Follower::ended);
        follower = Optional.empty();
    }
}
