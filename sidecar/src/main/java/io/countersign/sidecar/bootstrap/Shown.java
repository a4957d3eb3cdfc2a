// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file as it may be shown: without the private keys that stand in it, in whose place are Envoy's words for that. */
final class Shown {
    private static final Set<String> PRIVATE = Set.of("private_key", "privateKey");
    private static final String REDACTED = "[redacted]";
    /** The same in Base64, as the field holds bytes. */
    private static final String REDACTED_BYTES = "W3JlZGFjdGVkXQ==";

    private static final Map<String, String> REPLACED = Map.of(
            "inline_string",
            REDACTED,
            "inlineString",
            REDACTED,
            "inline_bytes",
            REDACTED_BYTES,
            "inlineBytes",
            REDACTED_BYTES);

    private Shown() {}

    /** @param file plain maps, lists and scalars */
    static Map<String, @Nullable Object> of(Map<?, ?> file) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        file.forEach((name, value) -> {
            var key = String.valueOf(name);
            shown.put(
                    key, PRIVATE.contains(key) && value instanceof Map<?, ?> source ? withoutKey(source) : part(value));
        });
        return shown;
    }

    private static Map<String, @Nullable Object> withoutKey(Map<?, ?> source) {
        var shown = of(source);
        REPLACED.forEach((name, words) -> {
            if (shown.containsKey(name)) {
                shown.put(name, words);
            }
        });
        return shown;
    }

    private static @Nullable Object part(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> of(map);
            case List<?> list -> {
                List<@Nullable Object> all = new ArrayList<>();
                list.forEach(item -> all.add(part(item)));
                yield all;
            }
            default -> value;
        };
    }
}
