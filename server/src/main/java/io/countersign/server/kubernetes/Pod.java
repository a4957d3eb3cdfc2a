// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import io.countersign.spiffe.json.Json;
import java.util.Map;

/** @param hostIp the address of its node */
public record Pod(String uid, String nodeName, String hostIp, Map<String, String> labels) {
    public Pod {
        labels = Map.copyOf(labels);
    }

    static Pod of(Json object) {
        return new Pod(
                Fields.text(object, "metadata", "uid"),
                Fields.text(object, "spec", "nodeName"),
                Fields.text(object, "status", "hostIP"),
                Fields.labels(object));
    }
}
