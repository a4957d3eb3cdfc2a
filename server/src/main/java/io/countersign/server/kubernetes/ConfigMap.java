// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import io.countersign.spiffe.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Texts by their keys.
 *
 * @param version of the object; whoever changes it says which version that is to follow
 */
public record ConfigMap(String version, Map<String, String> data) {
    public ConfigMap {
        data = Map.copyOf(data);
    }

    static ConfigMap of(Json object) {
        var data = new LinkedHashMap<String, String>();
        if (Fields.at(object, "data") instanceof Json.Members(var members)) {
            members.forEach((key, _) -> data.put(key, Fields.text(object, "data", key)));
        }
        return new ConfigMap(Fields.text(object, "metadata", "resourceVersion"), data);
    }
}
