// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import java.util.Comparator;
import java.util.Map;

/** What SPIRE calls methods in its metrics. */
public final class MethodNames {
    private MethodNames() {}

    /**
     * Such as {@code rpc_entry_v1_entry_list_entries}.
     *
     * @param method such as {@code spire.api.server.entry.v1.Entry/ListEntries}
     * @param shorter what stands for what at the beginning of it, such as nothing for {@code spire.api.server.}
     */
    public static String of(String method, Map<String, String> shorter) {
        var rest = shorter.keySet().stream()
                .filter(method::startsWith)
                .max(Comparator.comparingInt(String::length))
                .map(begin -> shorter.get(begin) + method.substring(begin.length()))
                .orElse(method);
        var name = new StringBuilder("rpc");
        for (var part : rest.split("[./]", -1)) {
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
