// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/**
 * The sentence of a line. Control characters are escaped, so that words which somebody else has chosen can neither begin
 * another line nor tell a terminal what to do. Stack traces are no part of it.
 */
final class OneLine extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        var sentence = String.valueOf(event.getFormattedMessage());
        if (sentence.codePoints().noneMatch(Character::isISOControl)) {
            return sentence;
        }
        var line = new StringBuilder(sentence.length());
        sentence.codePoints().forEach(letter -> append(line, letter));
        return line.toString();
    }

    /** As Java writes it in a string. */
    static void append(StringBuilder line, int letter) {
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
}
