// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.RouteTable.Headers;
import io.countersign.sidecar.bootstrap.RouteTable.Route;
import io.countersign.sidecar.bootstrap.RouteTable.Target;
import io.countersign.sidecar.bootstrap.RouteTable.VirtualHost;
import io.countersign.sidecar.format.AddedHeader;
import io.countersign.sidecar.format.Format;
import io.countersign.sidecar.match.StringMatcher;
import io.countersign.sidecar.rbac.HeaderMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads route tables. */
final class RouteReader {
    private static final Duration STANDARD_TIMEOUT = Duration.ofSeconds(15);

    private RouteReader() {}

    /** Closes the section. */
    static RouteTable read(Section section) {
        try (section) {
            // says whether to wait for clusters that come over the network; all of ours stand in the file
            section.bool("validate_clusters", true);
            section.refuse("vhds", "write virtual_hosts");
            section.refuse("most_specific_header_mutations_wins", "headers are changed from the route outwards");
            var hosts = section.sections("virtual_hosts").stream()
                    .map(RouteReader::host)
                    .toList();
            return new RouteTable(
                    section.string("name", ""), headers(section), FilterOverrideReader.read(section), hosts);
        }
    }

    private static VirtualHost host(Section section) {
        try (section) {
            section.refuse("require_tls", "listen with TLS");
            var retry = RetryReader.read(section);
            var name = section.required("name");
            var domains = section.strings("domains");
            if (domains.isEmpty()) {
                section.problem("domains", "is missing, expected at least one; \"*\" stands for all");
            }
            var routes = section.sections("routes").stream()
                    .map(route -> route(route, retry))
                    .toList();
            return new VirtualHost(
                    name,
                    domains,
                    headers(section),
                    FilterOverrideReader.read(section),
                    section.bool("include_request_attempt_count", false),
                    section.bool("include_attempt_count_in_response", false),
                    routes);
        }
    }

    /** @param retry what the virtual host says about it */
    private static Route route(Section section, Optional<RetryPolicy> retry) {
        try (section) {
            section.refuse("redirect", "use route or direct_response");
            section.refuse("tracing", "there is no tracing");
            var match = section.section("match");
            if (match.isEmpty()) {
                section.problem("match", "is missing");
            }
            var found = match.map(RouteReader::match).orElse(Match.ALL);
            return new Route(
                    section.string("name", ""),
                    found.path(),
                    found.prefix(),
                    found.headers(),
                    headers(section),
                    FilterOverrideReader.read(section),
                    target(section, retry));
        }
    }

    record Match(StringMatcher path, String prefix, List<HeaderMatcher> headers) {
        static final Match ALL = new Match(new StringMatcher.Prefix("/", false), "", List.of());
    }

    /** Closes the section. */
    static Match match(Section section) {
        try (section) {
            boolean ignoreCase = !section.bool("case_sensitive", true);
            section.refuse("query_parameters", "match headers or the path");
            section.refuse("grpc", "match the content-type header");
            section.refuse("runtime_fraction", "every request is routed alike");
            section.refuse("path_separated_prefix", "use prefix or safe_regex");
            section.refuse("connect_matcher", "CONNECT is not forwarded");
            section.refuse("tls_context", "demand client certificates on the listener");
            var found = new ArrayList<StringMatcher>();
            section.string("prefix").ifPresent(text -> found.add(new StringMatcher.Prefix(text, ignoreCase)));
            section.string("path").ifPresent(text -> found.add(new StringMatcher.Exact(text, ignoreCase)));
            section.section("safe_regex").ifPresent(regex -> found.add(MatcherReader.regex(regex)));
            if (found.size() != 1) {
                section.problem("", "expected exactly one of prefix, path, safe_regex");
            }
            return new Match(
                    found.isEmpty() ? new StringMatcher.Prefix("/", false) : found.getFirst(),
                    section.string("prefix", ""),
                    section.sections("headers").stream()
                            .map(MatcherReader::header)
                            .toList());
        }
    }

    private static Target target(Section route, Optional<RetryPolicy> retry) {
        var answer = route.section("direct_response");
        if (answer.isPresent()) {
            try (var section = answer.get()) {
                int status = section.integer("status", 200, 200, 599);
                var body = section.section("body").map(RouteReader::inline).orElse("");
                return new Target.Answer(status, body);
            }
        }
        var action = route.section("route");
        if (action.isEmpty()) {
            if (!route.has("redirect")) {
                route.problem("", "goes nowhere, expected route or direct_response");
            }
            return new Target.Answer(404, "");
        }
        try (var section = action.get()) {
            section.refuse("weighted_clusters", "name one cluster");
            section.refuse("cluster_header", "name one cluster");
            section.refuse("regex_rewrite", "use prefix_rewrite");
            section.refuse("hash_policy", "endpoints are used in turn");
            section.refuse("auto_host_rewrite", "use host_rewrite_literal");
            section.refuse("idle_timeout", "set stream_idle_timeout of the connection manager");
            return new Target.ToCluster(
                    section.required("cluster"),
                    section.duration("timeout", STANDARD_TIMEOUT),
                    section.string("prefix_rewrite"),
                    section.string("host_rewrite_literal"),
                    RetryReader.read(section).or(() -> retry),
                    UpgradeReader.read(section));
        }
    }

    private static String inline(Section source) {
        try (source) {
            source.refuse("filename", "write inline_string");
            source.refuse("inline_bytes", "write inline_string");
            source.refuse("environment_variable", "write inline_string");
            return source.string("inline_string", "");
        }
    }

    private static Headers headers(Section section) {
        return new Headers(
                added(section, "request_headers_to_add"),
                removed(section, "request_headers_to_remove"),
                added(section, "response_headers_to_add"),
                removed(section, "response_headers_to_remove"));
    }

    private static List<String> removed(Section section, String key) {
        return section.strings(key).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
    }

    private static List<AddedHeader> added(Section section, String key) {
        var result = new ArrayList<AddedHeader>();
        for (var option : section.sections(key)) {
            try (option) {
                var standard = option.bool("append", true)
                        ? AddedHeader.Append.APPEND_IF_EXISTS_OR_ADD
                        : AddedHeader.Append.OVERWRITE_IF_EXISTS_OR_ADD;
                var append = option.choice("append_action", standard);
                option.refuse("keep_empty_value", "headers without a value are left out");
                header(option, append).ifPresent(result::add);
            }
        }
        return result;
    }

    private static Optional<AddedHeader> header(Section option, AddedHeader.Append append) {
        var header = option.section("header");
        if (header.isEmpty()) {
            option.problem("header", "is missing");
            return Optional.empty();
        }
        try (var section = header.get()) {
            var name = section.required("key").toLowerCase(Locale.ROOT);
            section.refuse("raw_value", "write value");
            if (name.startsWith(":") || name.equals("host")) {
                section.problem("key", "is " + name + ", which cannot be added; use host_rewrite_literal for the host");
            }
            return Optional.of(new AddedHeader(name, Format.parse(section.string("value", "")), append));
        } catch (IllegalArgumentException e) {
            option.problem("header", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
