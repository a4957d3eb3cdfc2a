// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.HealthCheck.Question;
import io.countersign.sidecar.bootstrap.HealthCheck.Statuses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads how the endpoints of a cluster are asked whether they are well. */
final class HealthCheckReader {
    private static final Statuses OK = new Statuses(200, 201);

    private HealthCheckReader() {}

    static Optional<HealthCheck> read(Section cluster, String clusterName) {
        var checks = cluster.sections("health_checks");
        if (checks.size() > 1) {
            cluster.problem("health_checks", "has " + checks.size() + " items, expected one");
        }
        return checks.stream().map(check -> check(check, clusterName)).findFirst();
    }

    /** Closes the section. */
    private static HealthCheck check(Section section, String clusterName) {
        try (section) {
            section.refuse("grpc_health_check", "use http_health_check or tcp_health_check");
            section.refuse("custom_health_check", "use http_health_check or tcp_health_check");
            section.refuse("initial_jitter", "the first question is asked at once");
            section.refuse("interval_jitter", "set interval");
            section.refuse("interval_jitter_percent", "set interval");
            section.refuse("reuse_connection", "connections are kept as long as the endpoint keeps them");
            section.refuse("unhealthy_interval", "set interval");
            section.refuse("unhealthy_edge_interval", "set interval");
            section.refuse("healthy_edge_interval", "set interval");
            section.refuse("no_traffic_healthy_interval", "set no_traffic_interval");
            section.refuse("event_logger", "changes are logged, and counted under health_check");
            section.refuse("event_log_path", "changes are logged, and counted under health_check");
            section.refuse("alt_port", "endpoints are asked where they serve");
            section.refuse("tls_options", "endpoints are asked as they are used");
            section.refuse("transport_socket_match_criteria", "endpoints are asked as they are used");
            return new HealthCheck(
                    required(section, "timeout"),
                    required(section, "interval"),
                    section.duration("no_traffic_interval", Duration.ofMinutes(1)),
                    threshold(section, "unhealthy_threshold"),
                    threshold(section, "healthy_threshold"),
                    question(section, clusterName));
        }
    }

    private static Duration required(Section section, String key) {
        var found = section.duration(key);
        if (found.isEmpty() && !section.has(key)) {
            section.problem(key, "is missing");
        }
        return found.filter(time -> !time.isZero()).orElse(Duration.ofSeconds(1));
    }

    private static int threshold(Section section, String key) {
        if (!section.has(key)) {
            section.problem(key, "is missing");
        }
        return section.integer(key, 1, 0, 1000);
    }

    private static Question question(Section section, String clusterName) {
        var http = section.section("http_health_check").map(one -> http(one, clusterName));
        var tcp = section.section("tcp_health_check").map(HealthCheckReader::tcp);
        if (http.isPresent() == tcp.isPresent()) {
            section.problem("", "expected one of http_health_check, tcp_health_check");
        }
        return http.or(() -> tcp).orElse(new Question.Tcp());
    }

    private static Question tcp(Section section) {
        try (section) {
            section.refuse("send", "a connection is enough");
            section.refuse("receive", "a connection is enough");
            section.refuse("proxy_protocol_config", "a connection is enough");
            return new Question.Tcp();
        }
    }

    private static Question http(Section section, String clusterName) {
        try (section) {
            section.refuse("send", "the question is a GET without a body");
            section.refuse("receive", "set expected_statuses");
            section.refuse("retriable_statuses", "an unexpected status counts at once");
            section.refuse("request_headers_to_add", "set host and path");
            section.refuse("request_headers_to_remove", "set host and path");
            section.refuse("codec_client_type", "endpoints are asked as they are used");
            section.refuse("service_name_matcher", "set host and path");
            section.refuse("method", "the question is a GET without a body");
            var path = section.required("path");
            if (!path.startsWith("/")) {
                section.problem("path", "is \"" + path + "\", expected a path that begins with /");
            }
            return new Question.Http(section.string("host", clusterName), path, statuses(section));
        }
    }

    private static List<Statuses> statuses(Section section) {
        var result = new ArrayList<Statuses>();
        for (var range : section.sections("expected_statuses")) {
            try (range) {
                result.add(new Statuses(range.integer("start", 0, 100, 599), range.integer("end", 0, 101, 600)));
            }
        }
        return result.isEmpty() ? List.of(OK) : result;
    }
}
