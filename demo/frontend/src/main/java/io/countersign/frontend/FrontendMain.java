// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;

/** Starts the frontend from its environment. */
public final class FrontendMain {
    private FrontendMain() {}

    /** Exits 0 when stopped by a signal, 1 when the environment or the port does not allow a start. */
    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            fail("the frontend takes no arguments, only environment variables; it was given " + String.join(" ", args));
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
