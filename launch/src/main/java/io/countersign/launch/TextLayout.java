// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Lines of {@code time level message key="value"}, with a stack trace below where there is one. Logback's layout by a pattern
 * would do, but brings 150 classes along, of which a program that is measured in MiB has nothing.
 *
 * <p>Control characters are escaped, in pairs quotes and backslashes as well, so that words which somebody else has chosen can
 * neither pass for another pair or another line nor tell a terminal what to do.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {
    private static final int LEVEL_WIDTH = 5;

    private final boolean source;
    private final DateTimeFormatter time = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
            .withZone(ZoneId.systemDefault());

    /** @param source whether the last pairs are the file and the method that have logged */
    TextLayout(boolean source) {
        this.source = source;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringBuilder();
        time.formatTo(event.getInstant(), line);
        var level = event.getLevel().toString();
        line.append(' ').append(level).repeat(' ', LEVEL_WIDTH - level.length() + 1);
        sentence(line, String.valueOf(event.getFormattedMessage()));
        line.append(' ');
        pairs(line, event);
        if (source) {
            source(line, event.getCallerData());
        }
        line.append('\n');
        if (event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line.toString();
    }

    private static void sentence(StringBuilder line, String sentence) {
        sentence.codePoints().forEach(letter -> append(line, letter));
    }

    private static void pairs(StringBuilder line, ILoggingEvent event) {
        if (event.getKeyValuePairs() == null) {
            return;
        }
        var between = "";
        for (var pair : event.getKeyValuePairs()) {
            line.append(between).append(pair.key).append("=\"");
            value(line, String.valueOf(pair.value));
            line.append('"');
            between = " ";
        }
    }

    private static void value(StringBuilder line, String value) {
        value.codePoints().forEach(letter -> {
            switch (letter) {
                case '"', '\\' -> line.append('\\').appendCodePoint(letter);
                default -> append(line, letter);
            }
        });
    }

    /** As Java writes it in a string. */
    private static void append(StringBuilder line, int letter) {
        switch (letter) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (Character.isISOControl(letter)) {
                    line.append("\\u%04x".formatted(letter));
                } else {
                    line.appendCodePoint(letter);
                }
            }
        }
    }

    private static void source(StringBuilder line, StackTraceElement[] callers) {
        if (callers.length > 0) {
            var caller = callers[0];
            line.append(" file=\"%s:%d\" func=\"%s.%s\""
                    .formatted(
                            caller.getFileName(),
                            caller.getLineNumber(),
                            caller.getClassName(),
                            caller.getMethodName()));
        }
    }
}
