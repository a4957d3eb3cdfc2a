// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.format.LineFilter;
import io.countersign.sidecar.format.LineFilter.Comparison;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Reads of which exchanges an access log has lines. */
final class LineFilterReader {
    private static final LineFilter EVERYTHING = new LineFilter.Everything();

    private LineFilterReader() {}

    static LineFilter read(Section log) {
        return log.section("filter").map(LineFilterReader::filter).orElse(EVERYTHING);
    }

    /** Closes the section. */
    private static LineFilter filter(Section section) {
        try (section) {
            section.refuse("not_health_check_filter", "use header_filter");
            section.refuse("traceable_filter", "there is no tracing");
            section.refuse("runtime_filter", "there are no runtime switches");
            section.refuse("grpc_status_filter", "filter the lines where they are read");
            section.refuse("extension_filter", "use the filters that are built in");
            section.refuse("metadata_filter", "filters hand no metadata on");
            section.refuse("log_type_filter", "lines are written at the end of each request");
            var found = new ArrayList<LineFilter>();
            compared(section, "status_code_filter", LineFilter.Status::new).ifPresent(found::add);
            compared(section, "duration_filter", LineFilter.Duration::new).ifPresent(found::add);
            several(section, "and_filter").map(LineFilter.All::new).ifPresent(found::add);
            several(section, "or_filter").map(LineFilter.OneOf::new).ifPresent(found::add);
            section.section("header_filter").map(LineFilterReader::header).ifPresent(found::add);
            section.section("response_flag_filter").map(LineFilterReader::flags).ifPresent(found::add);
            if (found.size() != 1) {
                section.problem(
                        "",
                        "expected exactly one of status_code_filter, duration_filter, header_filter, "
                                + "response_flag_filter, and_filter, or_filter");
                return EVERYTHING;
            }
            return found.getFirst();
        }
    }

    private static Optional<LineFilter> compared(
            Section around, String key, BiFunction<Comparison, Integer, LineFilter> kind) {
        return around.section(key).flatMap(section -> {
            try (section) {
                var comparison = section.section("comparison");
                if (comparison.isEmpty()) {
                    section.problem("comparison", "is missing");
                    return Optional.empty();
                }
                try (var inner = comparison.get()) {
                    var operator = inner.choice("op", Comparison.EQ);
                    int value =
                            inner.section("value").map(LineFilterReader::value).orElse(0);
                    return Optional.of(kind.apply(operator, value));
                }
            }
        });
    }

    private static int value(Section section) {
        try (section) {
            // the name under which a runtime switch would change it; Envoy demands one
            section.withoutEffect("runtime_key");
            return section.integer("default_value", 0, 0, Integer.MAX_VALUE);
        }
    }

    private static Optional<List<LineFilter>> several(Section around, String key) {
        return around.section(key).map(section -> {
            try (section) {
                return section.sections("filters").stream()
                        .map(LineFilterReader::filter)
                        .toList();
            }
        });
    }

    private static LineFilter header(Section section) {
        try (section) {
            var header = section.section("header");
            if (header.isEmpty()) {
                section.problem("header", "is missing");
            }
            return header.<LineFilter>map(one -> new LineFilter.Header(MatcherReader.header(one)))
                    .orElse(EVERYTHING);
        }
    }

    private static LineFilter flags(Section section) {
        try (section) {
            var flags = EnumSet.noneOf(ResponseFlag.class);
            for (var name : section.strings("flags")) {
                try {
                    flags.add(ResponseFlag.valueOf(name));
                } catch (IllegalArgumentException e) {
                    section.problem(
                            "flags", "has \"" + name + "\", expected some of " + List.of(ResponseFlag.values()));
                }
            }
            return new LineFilter.Flags(flags);
        }
    }
}
