// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.launch.config.GoDuration;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How long something that is minted is to live.
 *
 * @param duration nothing for the server's default
 */
record Life(Duration duration) {
    static final Life DEFAULT = new Life(Duration.ZERO);

    /** Of what the server has answered, until it has. */
    private static final Duration TOLERANCE = Duration.ofSeconds(1);

    /** Whole seconds, rounded up. */
    int seconds() {
        return Math.toIntExact(duration.plusSeconds(1).minusNanos(1).toSeconds());
    }

    /** Whether what ends then, and was asked for at that time, lives shorter than this. */
    boolean isCut(Instant asked, Instant end) {
        return end.isBefore(asked.plus(duration).minus(TOLERANCE));
    }

    static final class Reader implements ITypeConverter<Life> {
        @Override
        public Life convert(String text) {
            try {
                return new Life(GoDuration.parse(text));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("parse error");
            }
        }
    }
}
