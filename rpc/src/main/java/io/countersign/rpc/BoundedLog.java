// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Lines about what strangers do, which costs them nothing: twenty a minute, none of them long, and then how many there would
 * have been besides. Thread-safe.
 */
public final class BoundedLog {
    private static final int LINES_A_MINUTE = 20;
    private static final int LONGEST = 200;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

    private final Logger log;
    private final String what;
    private final LongSupplier nanoTime;
    private long minute;
    private int lines;
    private int others;

    /** @param what the lines are about, such as {@code refused calls} */
    public BoundedLog(Logger log, String what) {
        this(log, what, System::nanoTime);
    }

    BoundedLog(Logger log, String what, LongSupplier nanoTime) {
        this.log = log;
        this.what = what;
        this.nanoTime = nanoTime;
        this.minute = nanoTime.getAsLong();
    }

    /**
     * What a line puts into the log.
     *
     * @param isWritten whether it is there itself
     * @param before how many of a minute before are not; zero if that was said already
     */
    record Telling(boolean isWritten, int before) {}

    /** @param format with a pair of braces for each argument, as SLF4J has it */
    public void log(Level level, String format, Object... arguments) {
        if (!log.isEnabledForLevel(level)) {
            return;
        }
        var telling = take();
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

    synchronized Telling take() {
        long now = nanoTime.getAsLong();
        int before = 0;
        if (now - minute >= MINUTE) {
            minute = now;
            lines = 0;
            before = others;
            others = 0;
        }
        if (lines < LINES_A_MINUTE) {
            lines++;
            return new Telling(true, before);
        }
        others++;
        return new Telling(false, before);
    }

    /** A part of a line that a stranger may have chosen. */
    static String shortened(Object part) {
        var text = String.valueOf(part);
        var begin = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return CONTROL.matcher(begin).replaceAll(" ");
    }
}
