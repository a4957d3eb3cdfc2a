// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.metrics;

import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.server.authority.Authorities;
import io.countersign.spiffe.TrustDomain;
import java.time.Duration;
import java.time.InstantSource;

/** What is true of the server as a whole. */
public final class ServerMetrics {
    private ServerMetrics() {}

    public static void add(
            Metrics metrics, TrustDomain trustDomain, String version, Authorities authorities, InstantSource clock) {
        var started = System.nanoTime();
        var domain = Labels.NONE.with("trust_domain_id", trustDomain.name());
        metrics.gauge("started", domain.with("version", version), () -> 1);
        metrics.gauge(
                "uptime_in_ms",
                Labels.NONE,
                () -> Duration.ofNanos(System.nanoTime() - started).toMillis());
        metrics.gauge("manager_x509_ca_rotate_expiration", domain, () -> end(authorities));
        metrics.gauge(
                "manager_x509_ca_rotate_ttl",
                domain,
                () -> end(authorities) - clock.instant().getEpochSecond());
    }

    /** When the authority ends that signs now, in seconds since 1970. */
    private static double end(Authorities authorities) {
        return authorities.current().active(Kind.X509).notAfter().getEpochSecond();
    }
}
