// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Turns Go's way of writing flags ({@code -flag v}, {@code --flag=v}, {@code -bool=false}) into the long form. */
public final class GoFlags {
    private GoFlags() {}

    /**
     * Every word that starts with one dash and is longer than two characters gets a second one; single letters, negative
     * numbers, values of the flag before and everything after {@code --} stay as they are.
     *
     * @param valueFlags names, without dashes, of the flags that take the next word as their value
     */
    public static List<String> normalize(List<String> words, Set<String> valueFlags) {
        var out = new ArrayList<String>();
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (word.equals("--")) {
                out.addAll(words.subList(i, words.size()));
                break;
            }
            if (!word.startsWith("-") || word.length() < 3) {
                out.add(word);
                continue;
            }
            var name = word.startsWith("--") ? word.substring(2) : word.substring(1);
            out.add("--" + name);
            if (!name.contains("=") && valueFlags.contains(name) && i + 1 < words.size()) {
                out.add(words.get(++i));
            }
        }
        return List.copyOf(out);
    }

    /** As {@link #normalize(List, Set)} for commands whose values never start with a dash. */
    public static String[] normalize(String... words) {
        return normalize(List.of(words), Set.of()).toArray(String[]::new);
    }
}
