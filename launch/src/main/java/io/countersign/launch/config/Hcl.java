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

    record Sequence(List<Hcl> elements, int line) implements Hcl {
        public Sequence {
            elements = List.copyOf(elements);
        }
    }

    record Body(List<Item> items, int line) implements Hcl {
        public Body {
            items = List.copyOf(items);
        }
    }

    /** {@code key = value}, or {@code key "label" … { body }}; {@code line} is the key's. */
    record Item(String key, List<String> labels, Hcl value, int line) {
        public Item {
            labels = List.copyOf(labels);
        }
    }
}
