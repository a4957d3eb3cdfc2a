// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.Side;
import java.util.HashMap;
import java.util.Map;

/** Both sidecars once more, with the file of rules, and beside each the service that it asks. */
record Ruled(Guarded.Both both, WorkloadTokens tokens) implements AutoCloseable {
    static Ruled start(Ground ground, Map<String, String> values) throws Exception {
        var tokens = WorkloadTokens.of(ground);
        var all = new HashMap<>(values);
        all.put("jwks", tokens.jwks());
        return new Ruled(Guarded.Both.start(ground, "rules.yaml", all), tokens);
    }

    Guarded of(Side side) {
        return both.of(side);
    }

    @Override
    public void close() throws Exception {
        both.close();
    }
}
