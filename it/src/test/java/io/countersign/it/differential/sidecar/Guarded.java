// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.Side;
import java.util.Map;

/** A sidecar and the service that it asks. */
record Guarded(Running sidecar, Authorizer authorizer) implements AutoCloseable {
    /** Those of both sides. */
    record Both(Guarded ours, Guarded original) implements AutoCloseable {
        /** @param file whose cluster of authorizers is a socket beside the logs */
        static Both start(Ground ground, String file, Map<String, String> values) throws Exception {
            var both = Pair.together(
                    () -> Guarded.start(Side.OURS, ground, file, values),
                    () -> Guarded.start(Side.ORIGINAL, ground, file, values));
            return new Both(both.getKey(), both.getValue());
        }

        Guarded of(Side side) {
            return switch (side) {
                case OURS -> ours;
                case ORIGINAL -> original;
            };
        }

        @Override
        public void close() throws Exception {
            ours.close();
            original.close();
        }
    }

    private static Guarded start(Side side, Ground ground, String file, Map<String, String> values) throws Exception {
        var sidecar = Running.start(side, ground.folder, SidecarDifferentialTest.resource(file), values);
        try {
            return new Guarded(sidecar, Authorizer.open(sidecar.folder().resolve("authz.sock")));
        } catch (Exception | AssertionError e) {
            sidecar.close();
            throw e;
        }
    }

    @Override
    public void close() throws Exception {
        sidecar.close();
        authorizer.close();
    }
}
