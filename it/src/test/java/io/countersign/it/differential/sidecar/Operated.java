// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Both sidecars once more, with the file of logs, and the programs behind them.
 *
 * @param values for files with the same programs
 */
record Operated(Pair pair, SlowProgram slow, GrpcProgram grpc, Map<String, String> values) implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(1500);

    static Operated start(Ground ground, Map<String, String> values) throws Exception {
        var closing = new Closing();
        try {
            var slow = SlowProgram.open(PAUSE);
            closing.add(slow);
            var grpc = GrpcProgram.open();
            closing.add(grpc);
            var all = new HashMap<>(values);
            all.put("slow", String.valueOf(slow.port()));
            all.put("grpc", String.valueOf(grpc.port()));
            var pair = Pair.start(ground.folder, SidecarDifferentialTest.resource("logs.yaml"), all);
            return new Operated(pair, slow, grpc, Map.copyOf(all));
        } catch (Exception | AssertionError e) {
            closing.close();
            throw e;
        }
    }

    Case asked(String name, Pair.Question question) {
        return pair.asked(name, question);
    }

    @Override
    public void close() throws Exception {
        pair.close();
        grpc.close();
        slow.close();
    }
}
