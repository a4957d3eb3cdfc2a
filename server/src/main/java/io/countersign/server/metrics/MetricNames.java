// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.metrics;

/** What SPIRE calls methods in its metrics. */
final class MetricNames {
    private static final String OURS = "spire.api.server.";
    private static final String HEALTH = "grpc.health.v1.Health";

    private MetricNames() {}

    /**
     * Such as {@code rpc_entry_v1_entry_list_entries}.
     *
     * @param method such as {@code spire.api.server.entry.v1.Entry/ListEntries}
     */
    static String of(String method) {
        var name = new StringBuilder("rpc");
        var shorter = method.replace(OURS, "").replace(HEALTH, "Health");
        for (var part : shorter.split("[./]", -1)) {
            name.append('_').append(snake(part));
        }
        return name.toString();
    }

    /** An underscore stands before a capital that has a small letter on either side, but not at an end of the word. */
    private static String snake(String word) {
        var out = new StringBuilder();
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            boolean inside = i > 0 && i + 1 < word.length();
            if (Character.isUpperCase(c)
                    && inside
                    && (Character.isLowerCase(word.charAt(i + 1)) || Character.isLowerCase(word.charAt(i - 1)))) {
                out.append('_');
            }
            out.append(Character.toLowerCase(c));
        }
        return out.toString();
    }
}
