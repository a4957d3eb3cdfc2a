// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

import java.io.PrintStream;
import picocli.CommandLine;

/** The program behind {@code countersign up}. */
public final class UpMain {
    private UpMain() {}

    public static void main(String[] args) {
        System.exit(run(System.out, System.err, args));
    }

    /** Gives 0 if all went well, 1 if something failed, 2 if the words are wrong. */
    static int run(PrintStream out, PrintStream err, String... args) {
        var line = new CommandLine(new UpCommand(out, err));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            err.println(failure instanceof StackException ? failure.getMessage() : "up has failed: " + failure);
            return 1;
        });
        return line.execute(args);
    }
}
