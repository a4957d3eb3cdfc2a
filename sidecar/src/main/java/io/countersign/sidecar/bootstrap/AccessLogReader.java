// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.format.Format;
import io.countersign.sidecar.format.LineFilter;
import io.countersign.sidecar.format.LineFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads access logs. */
final class AccessLogReader {
    private static final String LOGGERS = "envoy.extensions.access_loggers.";

    private AccessLogReader() {}

    static List<AccessLog> read(Section section, String key) {
        var logs = new ArrayList<AccessLog>();
        for (var log : section.sections(key)) {
            try (log) {
                log.withoutEffect("name");
                var filter = LineFilterReader.read(log);
                log.section("typed_config")
                        .ifPresentOrElse(
                                config -> logger(config, filter, logs),
                                () -> log.problem("typed_config", "is missing"));
            }
        }
        return logs;
    }

    /** The deprecated form that only names a file. */
    static Optional<AccessLog> readPath(Section section, String key) {
        return section.string(key)
                .map(path -> new AccessLog(target(path), new LineFilter.Everything(), LineFormat.STANDARD));
    }

    private static AccessLog.Target target(String path) {
        return switch (path) {
            case "/dev/stdout" -> new AccessLog.Target.ToStandardOut();
            case "/dev/stderr" -> new AccessLog.Target.ToStandardError();
            default -> new AccessLog.Target.ToFile(Path.of(path));
        };
    }

    private static void logger(Section config, LineFilter filter, List<AccessLog> logs) {
        try (config) {
            var type = config.type();
            switch (type) {
                case LOGGERS + "file.v3.FileAccessLog" -> {
                    logs.add(new AccessLog(target(config.required("path")), filter, format(config)));
                }
                case LOGGERS + "stream.v3.StdoutAccessLog" ->
                    logs.add(new AccessLog(new AccessLog.Target.ToStandardOut(), filter, format(config)));
                case LOGGERS + "stream.v3.StderrAccessLog" ->
                    logs.add(new AccessLog(new AccessLog.Target.ToStandardError(), filter, format(config)));
                default -> {
                    config.problem("@type", "is \"" + type + "\", expected a file, stdout or stderr access log");
                    config.ignoreRest();
                }
            }
        }
    }

    private static LineFormat format(Section config) {
        // two deprecated forms and the one of today
        if (config.has("format")) {
            return text(config, "format", false);
        }
        if (config.has("json_format")) {
            return json(config, "json_format", false);
        }
        var format = config.section("log_format");
        if (format.isEmpty()) {
            return LineFormat.STANDARD;
        }
        try (var section = format.get()) {
            boolean omit = section.bool("omit_empty_values", false);
            if (section.has("json_format")) {
                return json(section, "json_format", omit);
            }
            if (section.has("text_format")) {
                return text(section, "text_format", omit);
            }
            return section.section("text_format_source")
                    .map(source -> {
                        try (source) {
                            return text(source, "inline_string", omit);
                        }
                    })
                    .orElseGet(() -> {
                        section.problem("", "expected text_format_source or json_format");
                        return LineFormat.STANDARD;
                    });
        }
    }

    private static LineFormat text(Section section, String key, boolean omit) {
        var text = section.required(key);
        return parse(section, key, text) instanceof Format format
                ? new LineFormat.Text(format, omit)
                : LineFormat.STANDARD;
    }

    private static LineFormat json(Section section, String key, boolean omit) {
        return shape(section, key, section.plain(key)) instanceof Map<?, ?> map
                ? new LineFormat.JsonObject(texts(map), omit)
                : LineFormat.STANDARD;
    }

    private static Map<String, Object> texts(Map<?, ?> map) {
        var result = new TreeMap<String, Object>();
        map.forEach((name, value) -> result.put(String.valueOf(name), value));
        return result;
    }

    /** The same structure with every text made a format. */
    private static Object shape(Section section, String key, @Nullable Object part) {
        return switch (part) {
            case null -> "";
            case Map<?, ?> map -> {
                var result = new TreeMap<String, Object>();
                map.forEach((name, value) -> result.put(String.valueOf(name), shape(section, key, value)));
                yield result;
            }
            case List<?> list ->
                list.stream().map(item -> shape(section, key, item)).toList();
            case String text -> parse(section, key, text);
            default -> part;
        };
    }

    private static Object parse(Section section, String key, String text) {
        try {
            return Format.parse(text);
        } catch (IllegalArgumentException e) {
            section.problem(key, String.valueOf(e.getMessage()));
            return text;
        }
    }
}
