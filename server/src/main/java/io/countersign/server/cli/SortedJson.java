// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.TreeSet;

/** JSON with the members of each object in alphabetical order. */
final class SortedJson {
    private SortedJson() {}

    static String of(String json) {
        return sorted(JsonParser.parseString(json)).toString();
    }

    private static JsonElement sorted(JsonElement element) {
        if (element instanceof JsonObject object) {
            var sorted = new JsonObject();
            new TreeSet<>(object.keySet()).forEach(name -> sorted.add(name, sorted(object.get(name))));
            return sorted;
        }
        if (element instanceof JsonArray array) {
            var sorted = new JsonArray();
            array.forEach(item -> sorted.add(sorted(item)));
            return sorted;
        }
        return element;
    }
}
