// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

/** The beginning of a text that somebody else has chosen, so that nobody fills a disk by being written about. */
public final class Excerpt {
    private Excerpt() {}

    /**
     * The text itself, if it is no longer; else its beginning and how long it is, as {@code abc…(1048576)}.
     *
     * @param longest in characters, at least 1
     */
    public static String of(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        // half of a pair cannot be written
        int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
        return text.substring(0, end) + "…(" + text.length() + ")";
    }
}
