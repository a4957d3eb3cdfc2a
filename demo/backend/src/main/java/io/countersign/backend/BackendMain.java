// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;

/** Starts the backend from its environment. */
public final class BackendMain {
    private BackendMain() {}

    /** Exits 0 when stopped by a signal, 1 when the environment or the database does not allow a start. */
    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            fail("the backend takes no arguments, only environment variables; it was given " + String.join(" ", args));
        }
        try {
            Backend.start(BackendSettings.read(new Environment(System.getenv())))
                    .untilStopped();
        } catch (EnvironmentException e) {
            fail("the backend cannot start with these environment variables:\n" + e.getMessage());
        } catch (StartException e) {
            System.exit(1);
        }
    }

    private static void fail(String message) {
        System.err.println(message);
        System.exit(1);
    }
}
