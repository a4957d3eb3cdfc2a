// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.countersign.sidecar.match.StringMatcher;
import io.countersign.sidecar.rbac.HeaderMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads matchers of texts, paths and headers, today's and the deprecated forms. */
final class MatcherReader {
    private static final StringMatcher NEVER = StringMatcher.exact("");

    private MatcherReader() {}

    static StringMatcher string(Section section, String key) {
        var matcher = section.section(key);
        if (matcher.isEmpty()) {
            if (!section.has(key)) {
                section.problem(key, "is missing, expected a matcher such as {exact: …}");
            }
            return NEVER;
        }
        return string(matcher.get());
    }

    /** Closes the section. */
    static StringMatcher string(Section section) {
        try (section) {
            boolean ignoreCase = section.bool("ignore_case", false);
            section.refuse("custom", "use exact, prefix, suffix, contains or safe_regex");
            var found = new ArrayList<StringMatcher>();
            section.string("exact").ifPresent(text -> found.add(new StringMatcher.Exact(text, ignoreCase)));
            section.string("prefix").ifPresent(text -> found.add(new StringMatcher.Prefix(text, ignoreCase)));
            section.string("suffix").ifPresent(text -> found.add(new StringMatcher.Suffix(text, ignoreCase)));
            section.string("contains").ifPresent(text -> found.add(new StringMatcher.Contains(text, ignoreCase)));
            section.section("safe_regex").ifPresent(regex -> found.add(regex(regex)));
            return one(section, found);
        }
    }

    private static StringMatcher one(Section section, List<StringMatcher> found) {
        if (found.size() != 1) {
            section.problem("", "expected exactly one of exact, prefix, suffix, contains, safe_regex");
            return NEVER;
        }
        return found.getFirst();
    }

    static StringMatcher regex(Section section) {
        try (section) {
            var expression = section.required("regex");
            // the engine is RE2 and a budget for it has no meaning any more, in Envoy neither
            section.section("google_re2").ifPresent(engine -> {
                engine.integer("max_program_size", 0, 0, Integer.MAX_VALUE);
                engine.close();
            });
            return new StringMatcher.Regex(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            section.problem("regex", "is no RE2 expression: " + e.getDescription());
            return NEVER;
        }
    }

    static StringMatcher path(Section section, String key) {
        var path = section.section(key);
        if (path.isEmpty()) {
            return NEVER;
        }
        try (var inner = path.get()) {
            return string(inner, "path");
        }
    }

    /** Closes the section. */
    static HeaderMatcher header(Section section) {
        try (section) {
            var name = section.required("name").toLowerCase(Locale.ROOT);
            var found = new ArrayList<StringMatcher>();
            section.section("string_match").ifPresent(match -> found.add(string(match)));
            section.string("exact_match").ifPresent(text -> found.add(StringMatcher.exact(text)));
            section.string("prefix_match").ifPresent(text -> found.add(new StringMatcher.Prefix(text, false)));
            section.string("suffix_match").ifPresent(text -> found.add(new StringMatcher.Suffix(text, false)));
            section.string("contains_match").ifPresent(text -> found.add(new StringMatcher.Contains(text, false)));
            section.section("safe_regex_match").ifPresent(regex -> found.add(regex(regex)));
            section.refuse("range_match", "use string_match with safe_regex");
            if (found.size() > 1) {
                section.problem("name", "has more than one match beside it, expected one");
            }
            return new HeaderMatcher(
                    name,
                    found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst()),
                    section.bool("present_match", true),
                    section.bool("invert_match", false),
                    section.bool("treat_missing_header_as_empty", false));
        }
    }
}
