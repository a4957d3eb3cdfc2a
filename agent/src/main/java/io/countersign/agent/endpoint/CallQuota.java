// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.agent.attest.Quota;
import io.countersign.agent.config.CallerLimits;
import io.countersign.rpc.Peer;
import io.countersign.rpc.Shares;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Takes a call of any service out of what its process may have, and all processes of its origin together, before anything
 * else is done for it. What is taken comes back when the call ends.
 */
final class CallQuota implements ServerInterceptor {
    private record Caller(int pid, long startTime) {}

    private final Quota<Caller> processes;
    private final Shares origins;

    CallQuota(CallerLimits limits) {
        int streams = limits.streamsPerProcess();
        this.processes = new Quota<>("this process", streams, limits.callsPerProcess(), System::nanoTime);
        this.origins = Shares.fourTimes(streams == 0 ? Integer.MAX_VALUE : streams);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (Peer.current() instanceof Peer.LocalProcess process) {
            try {
                take(process);
            } catch (StatusRuntimeException e) {
                call.close(e.getStatus(), new Metadata());
                return new ServerCall.Listener<>() {};
            }
        }
        return next.startCall(call, headers);
    }

    private void take(Peer.LocalProcess process) {
        processes.take(new Caller(process.pid(), process.startTime()));
        var share = origins.take(process.pid(), process.uid())
                .orElseThrow(() -> Status.RESOURCE_EXHAUSTED
                        .withDescription(
                                "the processes of this user have too many calls open at once; end some of them")
                        .asRuntimeException());
        Context.current().addListener(ended -> share.run(), Runnable::run);
    }
}
