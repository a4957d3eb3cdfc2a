// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/** Lines about what strangers do, as many as a {@link LineBudget} has, and none of them long. Thread-safe. */
public final class BoundedLog {
    private static final int LONGEST = 200;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

    private final Logger log;
    private final String what;
    private final LineBudget budget = new LineBudget(System::nanoTime);

    /** @param what the lines are about, such as {@code refused calls} */
    public BoundedLog(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    /** @param format with a pair of braces for each argument, as SLF4J has it */
    public void log(Level level, String format, Object... arguments) {
        if (!log.isEnabledForLevel(level)) {
            return;
        }
        var telling = budget.take();
        if (telling.before() > 0) {
            log.atLevel(level).log("{} more {} than have a line", telling.before(), what);
        }
        if (telling.isWritten()) {
            log.atLevel(level)
                    .log(
                            format,
                            Arrays.stream(arguments).map(BoundedLog::shortened).toArray());
        }
    }

    /** A part of a line that a stranger may have chosen. */
    static String shortened(Object part) {
        var text = String.valueOf(part);
        var begin = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return CONTROL.matcher(begin).replaceAll(" ");
    }
}
