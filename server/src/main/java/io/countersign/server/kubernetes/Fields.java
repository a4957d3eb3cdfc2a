// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import io.countersign.spiffe.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads objects of the API; what is not there is empty. */
final class Fields {
    private Fields() {}

    static Json at(Json object, String... path) {
        var value = object;
        for (var name : path) {
            value = value instanceof Json.Members members
                    ? members.get(name).orElse(new Json.Nothing())
                    : new Json.Nothing();
        }
        return value;
    }

    static String text(Json object, String... path) {
        return at(object, path) instanceof Json.Text(var text) ? text : "";
    }

    static boolean isTrue(Json object, String... path) {
        return at(object, path) instanceof Json.Bool(var value) && value;
    }

    static List<String> texts(Json object, String... path) {
        return at(object, path) instanceof Json.Elements(var elements)
                ? elements.stream()
                        .map(each -> each instanceof Json.Text(var text) ? text : "")
                        .toList()
                : List.of();
    }

    static Map<String, String> labels(Json object) {
        var labels = new LinkedHashMap<String, String>();
        if (at(object, "metadata", "labels") instanceof Json.Members(var members)) {
            members.forEach((key, _) -> labels.put(key, text(at(object, "metadata", "labels"), key)));
        }
        return labels;
    }
}
