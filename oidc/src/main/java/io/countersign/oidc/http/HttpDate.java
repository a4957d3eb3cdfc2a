// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/** Times in headers, to the second (RFC 9110 section 5.6.7, without the obsolete forms). */
public final class HttpDate {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private HttpDate() {}

    public static String text(Instant time) {
        return FORM.format(time);
    }

    /** Nothing if the text is no such time, which is then as good as none. */
    public static Optional<Instant> parse(String text) {
        try {
            return Optional.of(FORM.parse(text, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
