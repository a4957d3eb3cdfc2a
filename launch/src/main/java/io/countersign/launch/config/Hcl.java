// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import java.util.List;

/** The tree of a parsed file: values with the line they stand on. */
sealed interface Hcl {
    int line();

    enum Kind {
        STRING,
        NUMBER,
        BOOLEAN
    }

    /** A string without its quotes, a number as written, or a boolean. */
    record Scalar(Kind kind, String text, int line) implements Hcl {}

    /** JSON's {@code null}, which stands for nothing at all. */
    record Nothing(int line) implements Hcl {}

    record Sequence(List<Hcl> elements, int line) implements Hcl {
        public Sequence {
            elements = List.copyOf(elements);
        }
    }

    record Body(List<Item> items, int line) implements Hcl {
        public Body {
            items = List.copyOf(items);
        }

        /** What stands in several, one after the other, as if it stood in one. */
        static Body of(List<Body> several) {
            var items = several.stream().flatMap(body -> body.items().stream()).toList();
            return new Body(items, several.getFirst().line());
        }
    }

    /**
     * {@code key = value}, or {@code key { body }}; {@code line} is the key's. A label is a key within: {@code key "label"
     * { body }} is {@code key { label { body } }}.
     */
    record Item(String key, Hcl value, int line) {}
}
