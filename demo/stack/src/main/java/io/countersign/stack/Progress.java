// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

import io.countersign.stack.layout.Role;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What happens, line by line, for whoever watches. Thread-safe. */
public final class Progress {
    private final PrintStream out;

    public Progress(PrintStream out) {
        this.out = out;
    }

    public void ready(Role role, Duration taken) {
        ready(role.toString(), taken);
    }

    public void ready(String what, Duration taken) {
        out.printf(Locale.ROOT, "  %-24s ready %6.1f s%n", what, taken.toMillis() / 1000.0);
    }

    public void note(String words) {
        out.println(words);
    }
}
