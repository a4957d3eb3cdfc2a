// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import io.countersign.launch.env.Usage;

/** Starts the frontend from its environment. */
public final class FrontendMain {
    private FrontendMain() {}

    /** Exits 0 when stopped by a signal or asked for help, 1 when it cannot start. */
    public static void main(String[] args) throws Exception {
        if (Usage.isAskedFor(args)) {
            System.out.print(FrontendSettings.USAGE);
            return;
        }
        if (args.length > 0) {
            fail("the frontend takes no arguments, only environment variables, see --help; it was given "
                    + String.join(" ", args));
        }
        try {
            Frontend.start(FrontendSettings.read(new Environment(System.getenv())))
                    .untilStopped();
        } catch (EnvironmentException e) {
            fail("the frontend cannot start with these environment variables:\n" + e.getMessage());
        } catch (Frontend.StartException e) {
            System.exit(1);
        }
    }

    private static void fail(String message) {
        System.err.println(message);
        System.exit(1);
    }
}
