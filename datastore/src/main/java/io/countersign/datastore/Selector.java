// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

/** One property of a node or a workload, such as {@code unix:uid:1000}; the value may hold colons, the type may not. */
public record Selector(String type, String value) implements Comparable<Selector> {
    /** @throws IllegalArgumentException if a half is missing */
    public Selector {
        if (type.isEmpty() || type.contains(":") || value.isEmpty()) {
            throw new IllegalArgumentException(
                    "selector \"" + type + ":" + value + "\" is malformed, expected TYPE:VALUE");
        }
    }

    @Override
    public int compareTo(Selector other) {
        int types = type.compareTo(other.type);
        return types == 0 ? value.compareTo(other.value) : types;
    }

    @Override
    public String toString() {
        return type + ":" + value;
    }
}
