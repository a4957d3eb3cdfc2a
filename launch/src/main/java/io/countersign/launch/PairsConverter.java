// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The pairs of a line as {@code key="value"}. Quotes, backslashes and control characters are escaped, so that a value that
 * somebody else has chosen cannot pass for another pair or another line.
 */
final class PairsConverter extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return Optional.ofNullable(event.getKeyValuePairs()).stream()
                .flatMap(pairs -> pairs.stream())
                .map(pair -> pair.key + "=\"" + escaped(String.valueOf(pair.value)) + "\"")
                .collect(Collectors.joining(" "));
    }

    private static String escaped(String value) {
        var text = new StringBuilder(value.length());
        value.codePoints().forEach(letter -> {
            switch (letter) {
                case '"', '\\' -> text.append('\\').appendCodePoint(letter);
                default -> OneLine.append(text, letter);
            }
        });
        return text.toString();
    }
}
