// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.metrics;

import io.countersign.launch.metrics.Counter;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.launch.metrics.Summary;
import io.countersign.server.wire.CodeNames;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Counts calls, how they end and how long they take, and what is signed in them. Stands around all others. */
public final class CallMetrics implements ServerInterceptor {
    private static final int CODES = Code.values().length;

    /** A method with one outcome. */
    private record Ended(Counter count, Summary elapsed) {
        void add(long nanos) {
            count.add(1);
            elapsed.record(nanos);
        }
    }

    private final Metrics metrics;
    private final SignedMetrics signed;
    private final Map<String, AtomicReferenceArray<Ended>> methods = new ConcurrentHashMap<>();

    public CallMetrics(Metrics metrics) {
        this.metrics = metrics;
        this.signed = new SignedMetrics(metrics);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var counted = new Counted<>(call);
        return new SimpleForwardingServerCallListener<>(next.startCall(counted, headers)) {
            @Override
            public void onCancel() {
                counted.end(Code.CANCELLED);
                super.onCancel();
            }
        };
    }

    /** Filled as outcomes are seen, so that a call costs no look-up by name and allocates nothing here. */
    private Ended ended(String method, Code code) {
        var outcomes = methods.computeIfAbsent(method, _ -> new AtomicReferenceArray<>(CODES));
        var known = outcomes.get(code.value());
        if (known != null) {
            return known;
        }
        var name = MetricNames.of(method);
        var labels = Labels.NONE.with("status", CodeNames.of(code));
        var fresh = new Ended(metrics.counter(name, labels), metrics.summary(name + "_elapsed_time", labels));
        outcomes.set(code.value(), fresh);
        return fresh;
    }

    private final class Counted<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final long began = System.nanoTime();
        private final AtomicBoolean open = new AtomicBoolean(true);

        Counted(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void sendMessage(A message) {
            signed.count(message);
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            end(status.getCode());
            super.close(status, trailers);
        }

        void end(Code code) {
            if (open.getAndSet(false)) {
                ended(getMethodDescriptor().getFullMethodName(), code).add(System.nanoTime() - began);
            }
        }
    }
}
