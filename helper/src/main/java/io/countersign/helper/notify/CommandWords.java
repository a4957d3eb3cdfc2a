// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits {@code cmd_args} as the original does: one record of comma-separated values whose comma is a space. So double
 * quotes group words if they begin one, a doubled quote is a quote, and each further space makes an empty word; there
 * are no backslashes, no single quotes and no shell.
 */
public final class CommandWords {
    private final String text;
    private final List<String> words = new ArrayList<>();
    private int at;

    private CommandWords(String text) {
        this.text = text;
    }

    /** @throws IllegalArgumentException if a quote stands where it means nothing, or if there is a second line */
    public static List<String> split(String text) {
        var line = text.strip().isEmpty() ? "" : text.replaceFirst("\\r?\\n\\z", "");
        if (line.isEmpty()) {
            return List.of();
        }
        return new CommandWords(line).split();
    }

    private List<String> split() {
        do {
            words.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
        } while (at++ < text.length());
        return List.copyOf(words);
    }

    private String plain() {
        int start = at;
        at = end(' ', start);
        var word = text.substring(start, at);
        if (word.contains("\"")) {
            throw wrong("a quote inside of a word");
        }
        if (word.contains("\n")) {
            throw wrong("a second line");
        }
        return word;
    }

    private String quoted() {
        var word = new StringBuilder();
        while (true) {
            int start = at + 1;
            at = end('"', start);
            if (at == text.length()) {
                throw wrong("a quote that is not closed");
            }
            word.append(text, start, at++);
            if (at == text.length() || text.charAt(at) == ' ') {
                return word.toString();
            }
            if (text.charAt(at) != '"') {
                throw wrong("a letter right after a closing quote");
            }
            word.append('"');
        }
    }

    private int end(char stop, int from) {
        int found = text.indexOf(stop, from);
        return found < 0 ? text.length() : found;
    }

    private static IllegalArgumentException wrong(String found) {
        return new IllegalArgumentException(
                found + " was found, expected words with a space between them, or \"in quotes\" as a whole");
    }
}
