// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How one exchange becomes one line of a log. */
public sealed interface LineFormat {
    /** Envoy's own: the same facts in the same order, so that tools which read its logs read these. */
    LineFormat STANDARD = new Text(
            Format.parse("[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" "
                    + "%RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
                    + "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
                    + "\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n"),
            false);

    String line(Exchange exchange);

    /** The line feed is part of the format. */
    record Text(Format format, boolean omitEmpty) implements LineFormat {
        @Override
        public String line(Exchange exchange) {
            return format.render(exchange, omitEmpty ? "" : "-");
        }
    }

    /**
     * One object a line, keys sorted; values are formats, or maps and lists of them.
     *
     * @param omitEmpty whether facts that are missing are left out, and objects that hold no others
     */
    record JsonObject(Map<String, Object> shape, boolean omitEmpty) implements LineFormat {
        public JsonObject {
            shape = new TreeMap<>(shape);
        }

        @Override
        public String line(Exchange exchange) {
            var filled = filled(shape, exchange);
            return Json.write(filled == null ? Map.of() : filled) + "\n";
        }

        private @Nullable Object filled(Object part, Exchange exchange) {
            return switch (part) {
                case Format format -> format.value(exchange, omitEmpty ? "" : "-");
                case Map<?, ?> map -> {
                    Map<String, @Nullable Object> result = new TreeMap<>();
                    map.forEach((key, value) -> {
                        var filled = filled(value, exchange);
                        if (filled != null || !omitEmpty) {
                            result.put(String.valueOf(key), filled);
                        }
                    });
                    yield omitEmpty && result.isEmpty() ? null : result;
                }
                case List<?> list -> {
                    List<@Nullable Object> result = new ArrayList<>();
                    list.forEach(item -> result.add(filled(item, exchange)));
                    if (omitEmpty) {
                        result.removeIf(Objects::isNull);
                    }
                    yield result;
                }
                default -> part;
            };
        }
    }
}
