// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.metrics;

import io.countersign.launch.metrics.CallNumbers;
import io.countersign.launch.metrics.MethodNames;
import io.countersign.launch.metrics.Metrics;
import io.countersign.rpc.CodeNames;
import io.countersign.rpc.WatchedCalls;
import io.countersign.rpc.WatchedCalls.Watcher;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Map;

/** Counts calls, how they end and how long they take, and what is signed in them. Stands around all others. */
public final class CallMetrics implements ServerInterceptor {
    private static final Map<String, String> SHORTER =
            Map.of("spire.api.server.", "", "grpc.health.v1.Health", "Health");

    private final WatchedCalls watched;
    private final SignedMetrics signed;

    public CallMetrics(Metrics metrics) {
        var numbers = new CallNumbers(
                metrics,
                Code.values().length,
                code -> CodeNames.of(Status.fromCodeValue(code).getCode()),
                CallMetrics::name);
        this.watched = new WatchedCalls(new Watcher() {
            @Override
            public void began(String method) {}

            @Override
            public void ended(String method, Code code, long nanos) {
                numbers.ended(method, code.value(), nanos);
            }
        });
        this.signed = new SignedMetrics(metrics);
    }

    static String name(String method) {
        return MethodNames.of(method, SHORTER);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var counted = new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendMessage(A message) {
                signed.count(message);
                super.sendMessage(message);
            }
        };
        return watched.interceptCall(counted, headers, next);
    }
}
