// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The fields that are wanted: paths with dots, which must be there; a list is wanted whole or not at all. */
record FieldMask(List<String> paths) {
    FieldMask {
        paths = List.copyOf(paths);
    }

    /** @param text paths with commas between them; an empty one wants all */
    static FieldMask of(String text) {
        return new FieldMask(text.isEmpty() ? List.of() : List.of(text.split(",", -1)));
    }

    /** Empty if one of the paths leads nowhere. */
    Optional<Map<String, @Nullable Object>> applied(Map<String, @Nullable Object> object) {
        if (paths.isEmpty()) {
            return Optional.of(object);
        }
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        for (var path : paths) {
            if (!copy(object, List.of(path.split("\\.", -1)), result)) {
                return Optional.empty();
            }
        }
        return Optional.of(result);
    }

    private static boolean copy(Map<?, ?> from, List<String> path, Map<String, @Nullable Object> to) {
        var first = path.getFirst();
        if (!from.containsKey(first)) {
            return false;
        }
        if (from.get("@type") instanceof String type) {
            to.put("@type", type);
        }
        var value = from.get(first);
        if (path.size() == 1) {
            to.put(first, value);
            return true;
        }
        if (!(value instanceof Map<?, ?> below)) {
            return false;
        }
        Map<String, @Nullable Object> part = new LinkedHashMap<>();
        if (to.get(first) instanceof Map<?, ?> before) {
            before.forEach((key, kept) -> part.put(String.valueOf(key), kept));
        }
        to.put(first, part);
        return copy(below, path.subList(1, path.size()), part);
    }

    @Override
    public String toString() {
        return String.join(",", paths);
    }
}
