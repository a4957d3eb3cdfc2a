// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import io.countersign.launch.env.Usage;

/** Starts the backend from its environment. */
public final class BackendMain {
    private BackendMain() {}

    /** Exits 0 when stopped by a signal or asked for help, 1 when it cannot start. */
    public static void main(String[] args) throws Exception {
        if (Usage.isAskedFor(args)) {
            System.out.print(BackendSettings.USAGE);
            return;
        }
        if (args.length > 0) {
            fail("the backend takes no arguments, only environment variables, see --help; it was given "
                    + String.join(" ", args));
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
