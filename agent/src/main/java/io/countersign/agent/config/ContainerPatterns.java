// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the control groups of containers are called where that is not the usual: {@code /my.slice/<id>/*}, in which
 * {@code <id>} is the container's name and {@code *} any one name. No group may be meant by two of them.
 */
public record ContainerPatterns(List<String> patterns) {
    private static final String ANY = "*";
    private static final String ID = "<id>";

    /** @throws IllegalArgumentException if one has not exactly one {@code <id>}, or two of them can mean the same group */
    public ContainerPatterns {
        patterns = List.copyOf(patterns);
        for (var pattern : patterns) {
            if (Arrays.stream(pattern.split("/")).filter(ID::equals).count() != 1) {
                throw new IllegalArgumentException(
                        "pattern \"" + pattern + "\" must contain the container id token \"" + ID + "\" exactly once");
            }
        }
        var ambiguous = ambiguous(patterns);
        if (!ambiguous.isEmpty()) {
            throw new IllegalArgumentException("patterns must not be ambiguous: " + ambiguous);
        }
    }

    /** The container whose group this is; nothing if no pattern means it. */
    public Optional<String> find(String group) {
        return patterns.stream()
                .map(pattern -> regex(pattern).matcher(group))
                .filter(match -> match.matches() && !match.group(1).isEmpty())
                .map(match -> match.group(1))
                .findAny();
    }

    private static Pattern regex(String pattern) {
        return Pattern.compile(Arrays.stream(pattern.split("/"))
                .map(name -> switch (name) {
                    case ANY -> "[^/]*";
                    case ID -> "([^/]*)";
                    default -> Pattern.quote(name);
                })
                .collect(Collectors.joining("/")));
    }

    private static List<String> ambiguous(List<String> patterns) {
        var found = new ArrayList<String>();
        for (int i = 0; i < patterns.size(); i++) {
            for (int j = i + 1; j < patterns.size(); j++) {
                if (canMeanTheSame(patterns.get(i).split("/"), patterns.get(j).split("/"))) {
                    found.add(patterns.get(i) + " and " + patterns.get(j));
                }
            }
        }
        return found;
    }

    private static boolean canMeanTheSame(String[] one, String[] other) {
        if (one.length != other.length) {
            return false;
        }
        for (int i = 0; i < one.length; i++) {
            if (!isOpen(one[i]) && !isOpen(other[i]) && !one[i].equals(other[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOpen(String name) {
        return name.equals(ANY) || name.equals(ID);
    }
}
