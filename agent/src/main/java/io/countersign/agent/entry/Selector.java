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
}
