// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.entry;

/** One property of a workload, such as {@code unix:uid:1000}; the value may hold colons, the type may not. */
public record Selector(String type, String value) {
    public Selector {
        if (type.isEmpty() || type.contains(":") || value.isEmpty()) {
            throw new IllegalArgumentException(
                    "selector \"" + type + ":" + value + "\" is malformed, expected TYPE:VALUE");
        }
    }

    @Override
    public String toString() {
        return type + ":" + value;
    }

    /** As it is written where others than the operators of this agent read it. */
    public String shown() {
        return withoutSecret(type, value);
    }

    /**
     * A selector without what may be a password: the value of an environment variable or of a system property.
     *
     * @param type may be none that a selector can have, as {@code value}
     */
    public static String withoutSecret(String type, String value) {
        int end = switch (type) {
            case "docker" -> value.startsWith("env:") ? value.indexOf('=') : -1;
            case "jvm" -> value.startsWith("property:") ? value.indexOf(':', "property:".length()) : -1;
            default -> -1;
        };
        return type + ":" + (end < 0 ? value : value.substring(0, end + 1) + "…");
    }
}
