// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import io.countersign.spiffe.json.Json;
import java.util.Map;

/** A machine of the cluster. */
public record Node(String uid, Map<String, String> labels) {
    public Node {
        labels = Map.copyOf(labels);
    }

    static Node of(Json object) {
        return new Node(Fields.text(object, "metadata", "uid"), Fields.labels(object));
    }
}
