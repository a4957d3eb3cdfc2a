// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.match;

import com.google.re2j.Pattern;
import java.util.Locale;

/** Compares a text as {@code envoy.type.matcher.v3.StringMatcher} does. Letters are folded in ASCII manner only. */
public sealed interface StringMatcher {
    boolean matches(String text);

    /** For people: what would match. */
    String words();

    static StringMatcher exact(String value) {
        return new Exact(value, false);
    }

    /** The whole text. */
    record Exact(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return ignoreCase ? value.equalsIgnoreCase(text) : value.equals(text);
        }

        @Override
        public String words() {
            return value;
        }
    }

    record Prefix(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return text.regionMatches(ignoreCase, 0, value, 0, value.length());
        }

        @Override
        public String words() {
            return value + "*";
        }
    }

    record Suffix(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return text.regionMatches(ignoreCase, text.length() - value.length(), value, 0, value.length());
        }

        @Override
        public String words() {
            return "*" + value;
        }
    }

    record Contains(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return ignoreCase
                    ? text.toLowerCase(Locale.ROOT).contains(value.toLowerCase(Locale.ROOT))
                    : text.contains(value);
        }

        @Override
        public String words() {
            return "*" + value + "*";
        }
    }

    /** RE2 syntax over the whole text: linear time, whatever a peer sends. */
    record Regex(Pattern pattern) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return pattern.matches(text);
        }

        @Override
        public String words() {
            return "/" + pattern + "/";
        }
    }
}
