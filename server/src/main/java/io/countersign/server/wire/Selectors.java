// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import io.countersign.serverapi.types.Selector;
import java.util.Collection;
import java.util.List;

/** Selectors as people write them: {@code type:value}. */
public final class Selectors {
    private Selectors() {}

    public static String text(Selector selector) {
        return selector.getType() + ":" + selector.getValue();
    }

    /** In alphabetical order, each once. */
    public static List<String> texts(Collection<Selector> selectors) {
        return selectors.stream().map(Selectors::text).distinct().sorted().toList();
    }

    /** @throws IllegalArgumentException if there is no colon */
    public static Selector parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("selector \"" + text + "\" must be formatted as type:value");
        }
        return Selector.newBuilder()
                .setType(text.substring(0, colon))
                .setValue(text.substring(colon + 1))
                .build();
    }
}
