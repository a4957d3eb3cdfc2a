// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** Times in UTC by a {@code strftime} pattern, with Envoy's additions for fractions of a second. */
final class TimeFormat {
    private static final TimeFormat STANDARD = new TimeFormat("%Y-%m-%dT%H:%M:%E3SZ");

    private final DateTimeFormatter formatter;

    private TimeFormat(String pattern) {
        var builder = new DateTimeFormatterBuilder();
        int i = 0;
        while (i < pattern.length()) {
            char c = pattern.charAt(i++);
            if (c != '%') {
                builder.appendLiteral(c);
                continue;
            }
            int end = i;
            while (end < pattern.length() && (Character.isDigit(pattern.charAt(end)) || pattern.charAt(end) == 'E')) {
                end++;
            }
            if (end == pattern.length()) {
                throw new IllegalArgumentException("time format \"" + pattern + "\" ends within a conversion");
            }
            append(builder, pattern.substring(i, end + 1));
            i = end + 1;
        }
        formatter = builder.toFormatter(Locale.ENGLISH).withZone(ZoneOffset.UTC);
    }

    static TimeFormat of(String pattern) {
        return pattern.isEmpty() ? STANDARD : new TimeFormat(pattern);
    }

    String format(Instant time) {
        return formatter.format(time);
    }

    private static void append(DateTimeFormatterBuilder to, String conversion) {
        switch (conversion) {
            case "Y" -> to.appendPattern("yyyy");
            case "y" -> to.appendPattern("yy");
            case "m" -> to.appendPattern("MM");
            case "b", "h" -> to.appendPattern("MMM");
            case "B" -> to.appendPattern("MMMM");
            case "d" -> to.appendPattern("dd");
            case "e" -> to.padNext(2).appendValue(ChronoField.DAY_OF_MONTH);
            case "j" -> to.appendPattern("DDD");
            case "a" -> to.appendPattern("EEE");
            case "A" -> to.appendPattern("EEEE");
            case "H" -> to.appendPattern("HH");
            case "I" -> to.appendPattern("hh");
            case "p" -> to.appendPattern("a");
            case "M" -> to.appendPattern("mm");
            case "S" -> to.appendPattern("ss");
            case "T" -> to.appendPattern("HH:mm:ss");
            case "F" -> to.appendPattern("yyyy-MM-dd");
            case "D" -> to.appendPattern("MM/dd/yy");
            case "Z" -> to.appendLiteral("UTC");
            case "z" -> to.appendLiteral("+0000");
            case "s" -> to.appendValue(ChronoField.INSTANT_SECONDS);
            case "%" -> to.appendLiteral('%');
            case "f" -> to.appendFraction(ChronoField.NANO_OF_SECOND, 9, 9, false);
            default -> fraction(to, conversion);
        }
    }

    /** {@code %3f}: three digits of the fraction; {@code %E3S}: seconds with three digits of it. */
    private static void fraction(DateTimeFormatterBuilder to, String conversion) {
        if (conversion.matches("[1-9]f")) {
            int digits = conversion.charAt(0) - '0';
            to.appendFraction(ChronoField.NANO_OF_SECOND, digits, digits, false);
        } else if (conversion.matches("E[1-9]S")) {
            int digits = conversion.charAt(1) - '0';
            to.appendPattern("ss").appendFraction(ChronoField.NANO_OF_SECOND, digits, digits, true);
        } else {
            throw new IllegalArgumentException("time conversion %" + conversion + " is not supported");
        }
    }
}
