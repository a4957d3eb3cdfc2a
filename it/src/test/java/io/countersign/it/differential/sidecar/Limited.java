// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.Side;
import java.util.Map;

/** Both sidecars once more, with the file of limits. */
record Limited(Running ours, Running original) implements AutoCloseable {
    static Limited start(Ground ground, Map<String, String> values) throws Exception {
        var template = SidecarDifferentialTest.resource("limits.yaml");
        var both = Pair.together(
                () -> Running.start(Side.OURS, ground.folder, template, values),
                () -> Running.start(Side.ORIGINAL, ground.folder, template, values));
        return new Limited(both.getKey(), both.getValue());
    }

    Running of(Side side) {
        return switch (side) {
            case OURS -> ours;
            case ORIGINAL -> original;
        };
    }

    @Override
    public void close() throws InterruptedException {
        ours.close();
        original.close();
    }
}
