// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.metrics.Metrics.Labels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The block {@code telemetry}, as far as Prometheus goes.
 *
 * @param prefix of every name, in place of the program's own
 * @param host whether each series says the host's name
 * @param trustDomain whether each series says the trust domain
 */
public record TelemetrySettings(InetSocketAddress address, Optional<String> prefix, boolean host, boolean trustDomain) {
    private static final int HIGHEST_PORT = 65535;
    private static final String NOT_HERE = "is a setting of the original that is not supported here; remove it";
    private static final List<String> SINKS = List.of("DogStatsd", "Statsd", "M3", "InMem");
    private static final List<String> FILTERS =
            List.of("AllowedPrefixes", "BlockedPrefixes", "AllowedLabels", "BlockedLabels");

    /** Nothing if the block or Prometheus in it is missing. */
    public static Optional<TelemetrySettings> read(ConfigBlock root) {
        return root.block("telemetry").flatMap(telemetry -> {
            SINKS.forEach(sink -> telemetry.refuse(sink, "is no sink that is supported here, expected Prometheus"));
            FILTERS.forEach(filter -> telemetry.refuse(filter, NOT_HERE));
            var prefix = telemetry.string("MetricPrefix");
            boolean host = telemetry.bool("EnableHostnameLabel", true);
            boolean trustDomain = telemetry.bool("EnableTrustDomainLabel", false);
            return telemetry
                    .block("Prometheus")
                    .flatMap(TelemetrySettings::address)
                    .map(address -> new TelemetrySettings(address, prefix, host, trustDomain));
        });
    }

    private static Optional<InetSocketAddress> address(ConfigBlock prometheus) {
        prometheus.refuse("tls", NOT_HERE);
        var name = prometheus.string("host", "localhost");
        int port = prometheus.integer("port", 0);
        if (port < 1 || port > HIGHEST_PORT) {
            prometheus.problem("port", "\"" + port + "\" is no port, expected 1 to " + HIGHEST_PORT);
            return Optional.empty();
        }
        var address = new InetSocketAddress(name, port);
        if (address.isUnresolved()) {
            prometheus.problem("host", "\"" + name + "\" is no address of this machine, expected one like localhost");
        }
        return Optional.of(address);
    }

    /**
     * An empty registry.
     *
     * @param program the prefix that is not said otherwise, such as {@code spire_server}
     * @throws IOException if the host has no name
     */
    public Metrics metrics(String program, String trustDomainName) throws IOException {
        var labels = Labels.NONE;
        if (host) {
            labels = labels.as("host", InetAddress.getLocalHost().getHostName());
        }
        if (trustDomain) {
            labels = labels.with("trust_domain", trustDomainName);
        }
        return new Metrics(prefix.orElse(program), labels);
    }
}
