// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.sidecar.Filters.Guarded;
import io.countersign.it.process.Side;
import java.util.HashMap;
import java.util.Map;

/** Both sidecars once more, with the file of rules, and beside each the service that it asks. */
record Ruled(Guarded ours, Guarded original, WorkloadTokens tokens) implements AutoCloseable {
    static Ruled start(Ground ground, Map<String, String> values) throws Exception {
        var tokens = WorkloadTokens.of(ground);
        var all = new HashMap<>(values);
        all.put("jwks", tokens.jwks());
        var both = Pair.together(
                () -> Guarded.start(Side.OURS, ground, "rules.yaml", all),
                () -> Guarded.start(Side.ORIGINAL, ground, "rules.yaml", all));
        return new Ruled(both.getKey(), both.getValue(), tokens);
    }

    Guarded of(Side side) {
        return side == Side.OURS ? ours : original;
    }

    @Override
    public void close() throws Exception {
        ours.close();
        original.close();
    }
}
