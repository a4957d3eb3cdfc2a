// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.metrics;

import io.countersign.launch.metrics.CallNumbers;
import io.countersign.launch.metrics.Metrics;
import io.countersign.rpc.CodeNames;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.function.UnaryOperator;

/** Counts what the agent asks its server for, under the name of its purpose. Thread-safe. */
public final class ServerCalls {
    private final CallNumbers calls;

    public ServerCalls(Metrics metrics) {
        this.calls = new CallNumbers(
                metrics,
                Code.values().length,
                code -> CodeNames.of(Status.fromCodeValue(code).getCode()),
                UnaryOperator.identity());
    }

    /** One question, which may fail in its own way. */
    public interface Call<T, E extends Exception> {
        T get() throws E;
    }

    /** Gives what {@code call} gives. */
    public <T, E extends Exception> T counted(String name, Call<T, E> call) throws E {
        long began = System.nanoTime();
        var code = Code.UNKNOWN;
        try {
            var answer = call.get();
            code = Code.OK;
            return answer;
        } catch (StatusRuntimeException e) {
            code = e.getStatus().getCode();
            throw e;
        } finally {
            calls.ended(name, code.value(), System.nanoTime() - began);
        }
    }
}
