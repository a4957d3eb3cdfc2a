// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chains that led to an authority before, with the path on which they did. A peer that connects again shows the same ones, and
 * their signatures are as good as they were; only whether they are valid now is another question each time. Bounded.
 * Thread-safe.
 */
final class KnownChains {
    private static final int MOST = 1_000;

    private final Map<List<X509Certificate>, Validity> chains = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<X509Certificate>, Validity> eldest) {
            return size() > MOST;
        }
    };

    /** When all certificates of a path are valid, both ends included (RFC 5280, section 4.1.2.5). */
    private record Validity(Instant from, Instant until) {
        static Validity of(List<X509Certificate> path) {
            var from = Instant.MIN;
            var until = Instant.MAX;
            for (var certificate : path) {
                var begin = certificate.getNotBefore().toInstant();
                var end = certificate.getNotAfter().toInstant();
                from = begin.isAfter(from) ? begin : from;
                until = end.isBefore(until) ? end : until;
            }
            return new Validity(from, until);
        }

        boolean contains(Instant time) {
            return !time.isBefore(from) && !time.isAfter(until);
        }
    }

    /** Whether this very chain was found good, and still is at {@code time}. */
    synchronized boolean contains(List<X509Certificate> chain, Instant time) {
        var known = chains.get(chain);
        return known != null && known.contains(time);
    }

    /** @param path from the leaf to the authority, which may be left out, as the authority is trusted whatever its age */
    synchronized void add(List<X509Certificate> chain, List<X509Certificate> path) {
        chains.put(List.copyOf(chain), Validity.of(path));
    }
}
