// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

import io.countersign.spiffe.TrustDomain;
import io.countersign.stack.layout.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How the system is to run.
 *
 * @param folder for everything that survives a stop
 * @param mode what is wanted
 * @param svidLife how long certificates live
 * @param originals programs that stand in for ours, by the name of ours
 */
public record UpOptions(
        Path folder, Mode mode, TrustDomain trustDomain, Ports ports, Duration svidLife, Map<String, Path> originals) {
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(10);
    private static final Duration LONGEST_CONNECTION = Duration.ofMinutes(2);

    /** What is wanted of the system. */
    public enum Mode {
        /** It runs until a signal comes. */
        RUN,
        /** It runs the demo once and stops. */
        ONCE,
        /** Nothing runs: everything is written that somebody needs to start the parts by hand. */
        PRINT_CONFIG
    }

    public UpOptions {
        originals = Map.copyOf(originals);
        if (svidLife.compareTo(SHORTEST_LIFE) < 0) {
            throw new StackException("--svid-ttl " + svidLife.toSeconds() + "s, expected at least 10s");
        }
    }

    /**
     * A connection is checked when it is opened. Certificates are renewed at half of their life, so one may have as little
     * as the other half before it: a quarter for the connection, and an eighth for waiting until it is used again.
     */
    public Duration connectionLife() {
        var quarter = svidLife.dividedBy(4);
        return quarter.compareTo(LONGEST_CONNECTION) < 0 ? quarter : LONGEST_CONNECTION;
    }

    /** How long a connection may wait for its next use. */
    public Duration idleLife() {
        return connectionLife().dividedBy(2);
    }
}
