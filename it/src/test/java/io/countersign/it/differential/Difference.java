// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential;

import java.util.regex.Pattern;

/**
 * A difference that is meant: in these fields of these cases ours answers this and the original that. All four are regular
 * expressions that must match as a whole; a field that one side lacks has the value {@value #NOTHING}.
 *
 * @param reason for people, in one sentence
 */
record Difference(Pattern cases, Pattern field, Pattern ours, Pattern original, String reason) {
    static final String NOTHING = "(nothing)";

    boolean covers(String name, String at, String ourValue, String originalValue) {
        return matches(cases, name)
                && matches(field, at)
                && matches(ours, ourValue)
                && matches(original, originalValue);
    }

    private static boolean matches(Pattern pattern, String text) {
        return pattern.matcher(text).matches();
    }
}
