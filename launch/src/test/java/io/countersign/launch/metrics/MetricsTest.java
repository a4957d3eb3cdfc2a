// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.launch.metrics.Metrics.Labels;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers, their text, and what quantiles look back on. */
@Timeout(60)
class MetricsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void textIsPrometheusFormat() {
        var metrics = new Metrics("spire_server", Labels.NONE.as("host", "my-host"));
        metrics.counter("calls", Labels.NONE.with("status", "OK")).add(2);
        metrics.counter("calls", Labels.NONE.with("status", "NotFound")).add(1);
        metrics.counter("calls", Labels.NONE.with("status", "OK")).add(1);
        metrics.gauge("started", Labels.NONE.with("trust_domain_id", "example.org"), () -> 1);

        assertEquals("""
                # HELP spire_server_calls spire_server_calls
                # TYPE spire_server_calls counter
                spire_server_calls{host="my-host",status="NotFound"} 1
                spire_server_calls{host="my-host",status="OK"} 3
                # HELP spire_server_started spire_server_started
                # TYPE spire_server_started gauge
                spire_server_started{host="my-host",trust_domain_id="example_org"} 1
                """, metrics.text());
        assertThrows(IllegalArgumentException.class, () -> metrics.summary("calls", Labels.NONE));
    }

    @Test
    void quantilesAreOfTheLastTenSeconds() {
        var summary = new Summary();
        for (int i = 1; i <= 100; i++) {
            summary.record(i * MILLISECOND, 0);
        }

        var now = summary.quantiles(SECOND);
        assertNear(50, now[0]);
        assertNear(90, now[1]);
        assertNear(99, now[2]);
        assertArrayEquals(new double[] {Double.NaN, Double.NaN, Double.NaN}, summary.quantiles(10 * SECOND));
        summary.record(7 * MILLISECOND, 10 * SECOND);
        assertNear(7, summary.quantiles(10 * SECOND)[2]);
        var text = new StringBuilder();
        summary.write(text, "t", Labels.NONE);
        assertTrue(text.toString().endsWith("t_sum 5057.0\nt_count 101\n"), text::toString);
    }

    private static void assertNear(double expected, double found) {
        assertTrue(found >= expected && found <= expected * 17 / 16 + 0.01, () -> found + " for " + expected);
    }

    @Test
    void bucketsCoverWhatTheySay() {
        for (long duration = 1; duration > 0; duration = duration * 5 / 4 + 1) {
            int bucket = Summary.bucket(duration);
            assertTrue(bucket == 0 || Summary.top(bucket) > duration || Summary.top(bucket) < 0, "" + duration);
            assertTrue(bucket == 0 || Summary.top(bucket - 1) <= duration, "" + duration);
        }
    }

    @Test
    void anyPathAnswers() throws Exception {
        var metrics = new Metrics("spire_server", Labels.NONE);
        metrics.counter("calls", Labels.NONE).add(1);
        try (var listener = new MetricsListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), metrics);
                var client = HttpClient.newHttpClient()) {
            for (var path : new String[] {"/", "/metrics"}) {
                var answer = client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
                                .build(),
                        BodyHandlers.ofString());
                assertEquals(200, answer.statusCode());
                assertTrue(answer.body().endsWith("spire_server_calls 1\n"), answer::body);
                assertEquals(
                        Optional.of("text/plain; version=0.0.4; charset=utf-8"),
                        answer.headers().firstValue("Content-Type"));
            }
        }
    }

    private static Optional<TelemetrySettings> read(String text) {
        var root = ConfigFile.parse(text, "server.conf");
        var read = TelemetrySettings.read(root);
        root.check();
        return read;
    }

    @Test
    void theBlockIsRead() {
        assertEquals(Optional.empty(), read(""));
        assertEquals(Optional.empty(), read("telemetry { EnableHostnameLabel = false }"));
        assertEquals(
                Optional.of(new TelemetrySettings(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 9988), Optional.empty(), true, false)),
                read("telemetry { Prometheus { port = 9988 } }"));
        assertEquals(
                Optional.of(new TelemetrySettings(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 9988),
                        Optional.of("mine"),
                        false,
                        true)),
                read("""
                        telemetry {
                          Prometheus { host = "127.0.0.1" port = 9988 }
                          MetricPrefix = "mine"
                          EnableHostnameLabel = false
                          EnableTrustDomainLabel = true
                        }
                        """));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DogStatsd = [{ address = \"x\" }]|telemetry.DogStatsd: is no sink that is supported here, expected Prometheus",
                "Statsd = [{ address = \"x\" }]|telemetry.Statsd: is no sink that is supported here, expected Prometheus",
                "M3 = [{ address = \"x\" }]|telemetry.M3: is no sink that is supported here, expected Prometheus",
                "InMem { enabled = true }|telemetry.InMem: is no sink that is supported here, expected Prometheus",
                "BlockedLabels = [\"x\"]|telemetry.BlockedLabels: is a setting of the original that is not supported here; remove it",
                "Prometheus { }|telemetry.Prometheus.port: \"0\" is no port, expected 1 to 65535",
                "Prometheus { port = 1 tls { } }|telemetry.Prometheus.tls: is a setting of the original that is not supported here; remove it",
                "Promotheus { }|telemetry.Promotheus: unknown key, did you mean Prometheus?",
            })
    void whatIsNotSupportedIsRefused(String line, String words) {
        var wrong = assertThrows(ConfigException.class, () -> read("telemetry {\n" + line + "\n}"));
        assertTrue(String.valueOf(wrong.getMessage()).endsWith(words), wrong::getMessage);
    }
}
