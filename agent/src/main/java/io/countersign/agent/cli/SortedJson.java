// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.TreeMap;

/** The members of all objects in the order of their names, and whole numbers without a fraction. */
final class SortedJson {
    private SortedJson() {}

    static JsonElement of(String json) {
        return sorted(JsonParser.parseString(json));
    }

    private static JsonElement sorted(JsonElement value) {
        return switch (value) {
            case JsonObject object -> {
                var copy = new JsonObject();
                new TreeMap<>(object.asMap()).forEach((name, member) -> copy.add(name, sorted(member)));
                yield copy;
            }
            case JsonArray array -> {
                var copy = new JsonArray();
                array.forEach(element -> copy.add(sorted(element)));
                yield copy;
            }
            case JsonPrimitive number
            when number.isNumber() && number.getAsDouble() == number.getAsLong() ->
                new JsonPrimitive(number.getAsLong());
            default -> value;
        };
    }
}
