// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one side has answered, as fields with names such as {@code status}, {@code out} or {@code entries[0].spiffe_id}.
 * Whoever makes it has put a word in the place of what differs by nature: ids, times, keys, paths.
 */
public record Answer(SortedMap<String, String> fields) {
    public Answer {
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    public static Answer empty() {
        return new Answer(new TreeMap<>());
    }

    /** The same with one field more. */
    public Answer with(String name, Object value) {
        var more = new TreeMap<>(fields);
        if (more.put(name, String.valueOf(value)) != null) {
            throw new IllegalArgumentException("field \"" + name + "\" is there twice");
        }
        return new Answer(more);
    }

    /** The same with all fields of a JSON value, each below this name. */
    public Answer withJson(String name, JsonElement json) {
        var all = this;
        switch (json) {
            case JsonObject object -> {
                for (var entry : object.entrySet()) {
                    all = all.withJson(name + "." + entry.getKey(), entry.getValue());
                }
            }
            case JsonArray array -> {
                all = all.with(name + ".size", array.size());
                for (int i = 0; i < array.size(); i++) {
                    all = all.withJson(name + "[" + i + "]", array.get(i));
                }
            }
            default -> all = all.with(name, json.isJsonPrimitive() ? json.getAsString() : json);
        }
        return all;
    }

    /** The same with all fields of another answer, each below this name. */
    public Answer with(String name, Answer other) {
        var all = new TreeMap<>(fields);
        other.fields.forEach((field, value) -> all.put(name + "." + field, value));
        return new Answer(all);
    }
}
