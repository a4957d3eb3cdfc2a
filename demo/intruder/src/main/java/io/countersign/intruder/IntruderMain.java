// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import io.countersign.launch.env.Usage;
import java.io.IOException;

/** Starts the intruder from its environment. */
public final class IntruderMain {
    private IntruderMain() {}

    public static void main(String[] args) throws Exception {
        System.exit(run(args));
    }

    /** Gives 0 when stopped by a signal or asked for help, 1 when it cannot start. */
    public static int run(String... args) throws Exception {
        if (Usage.isAskedFor(args)) {
            System.out.print(IntruderSettings.USAGE);
            return 0;
        }
        if (args.length > 0) {
            return fail("the intruder takes no arguments, only environment variables, see --help; it was given "
                    + String.join(" ", args));
        }
        IntruderSettings settings;
        try {
            settings = IntruderSettings.read(new Environment(System.getenv()));
        } catch (EnvironmentException e) {
            return fail("the intruder cannot start with these environment variables:\n" + e.getMessage());
        }
        try (var intruder = Intruder.start(settings)) {
            intruder.untilStopped();
            return 0;
        } catch (IOException e) {
            return fail("the intruder cannot listen on port " + settings.port() + ": " + e.getMessage()
                    + "; set LISTEN_PORT to one that is free");
        }
    }

    private static int fail(String message) {
        System.err.println(message);
        return 1;
    }
}
