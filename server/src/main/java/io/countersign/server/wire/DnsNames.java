// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/** Names that a certificate may have beside its ID, by the rules of SPIRE: RFC 1035 and underscores, one star in front. */
public final class DnsNames {
    private static final int LONGEST = 253;
    private static final Pattern LABEL = Pattern.compile("(?!-)(?!(?!xn)..--)[A-Za-z0-9_-]{1,63}(?<!-)");
    private static final String STAR = "*.";

    private DnsNames() {}

    /** @throws IllegalArgumentException if it is none */
    public static String check(String name) {
        if (!name.chars().allMatch(c -> c < 128)) {
            throw new IllegalArgumentException("name must be ascii");
        }
        long stars = name.chars().filter(c -> c == '*').count();
        if (stars > 1) {
            throw new IllegalArgumentException("too many wildcards");
        }
        if (stars == 1 && !name.startsWith(STAR)) {
            throw new IllegalArgumentException("wildcard must be first label");
        }
        var plain = name.startsWith(STAR) ? name.substring(STAR.length()) : name;
        if (plain.isBlank()) {
            throw new IllegalArgumentException("empty or only whitespace");
        }
        if (plain.endsWith(".")) {
            throw new IllegalArgumentException("domain ends with dot");
        }
        for (var label : plain.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                throw new IllegalArgumentException("\"" + name + "\" has an invalid label \"" + label + "\"");
            }
        }
        if (plain.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" has " + plain.length() + " characters, expected at most " + LONGEST);
        }
        return name;
    }

    /** @throws IllegalArgumentException if one of them covers another one */
    public static void checkOverlap(List<String> names) {
        var all = new HashSet<>(names);
        for (var name : names) {
            int dot = name.indexOf('.');
            var cover = "*" + (dot < 0 ? "" : name.substring(dot));
            if (!name.startsWith("*") && all.contains(cover)) {
                throw new IllegalArgumentException(
                        "name \"" + name + "\" overlaps with an existing wildcard name in the list: wildcard overlap");
            }
        }
    }
}
