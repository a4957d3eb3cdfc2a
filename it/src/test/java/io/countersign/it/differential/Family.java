// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** Cases of one kind, the differences that are meant among them, and the count of what was compared. */
public final class Family {
    private final String name;
    private final List<Difference> meant;
    private final Map<Difference, Set<String>> seen = new LinkedHashMap<>();
    private final Set<String> compared = new TreeSet<>();
    private boolean red;

    private Family(String name, List<Difference> meant) {
        this.name = name;
        this.meant = meant;
    }

    /** Reads {@code <name>.json} beside this class: a list of objects with the fields of {@link Difference}. */
    public static Family named(String name) throws IOException {
        var file = name + ".json";
        try (var in = Family.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException(file + " is not beside " + Family.class);
            }
            var json = JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return new Family(
                    name,
                    StreamSupport.stream(json.getAsJsonArray().spliterator(), false)
                            .map(JsonElement::getAsJsonObject)
                            .map(Family::difference)
                            .toList());
        }
    }

    private static Difference difference(JsonObject json) {
        return new Difference(
                pattern(json, "cases"),
                pattern(json, "field"),
                pattern(json, "ours"),
                pattern(json, "original"),
                json.get("reason").getAsString());
    }

    private static Pattern pattern(JsonObject json, String name) {
        return Pattern.compile(json.get(name).getAsString(), Pattern.DOTALL);
    }

    /**
     * Holds two answers to the same question against each other.
     *
     * @param name of the case, different from all others of the family
     * @throws AssertionError if a field differs and that is not meant; all such fields are named
     */
    public synchronized void compare(String name, Answer ours, Answer original) {
        if (!compared.add(name)) {
            throw new IllegalArgumentException("case \"" + name + "\" is there twice");
        }
        var fields = new TreeSet<>(ours.fields().keySet());
        fields.addAll(original.fields().keySet());
        var unexpected = new ArrayList<String>();
        for (var field : fields) {
            var our = ours.fields().getOrDefault(field, Difference.NOTHING);
            var theirs = original.fields().getOrDefault(field, Difference.NOTHING);
            if (!our.equals(theirs) && !isMeant(name, field, our, theirs)) {
                unexpected.add("\n  " + field + "\n    ours:     " + our + "\n    original: " + theirs);
            }
        }
        if (!unexpected.isEmpty()) {
            red = true;
            throw new AssertionError(name + ": differs in " + String.join("", unexpected));
        }
    }

    private boolean isMeant(String name, String field, String ours, String original) {
        for (var difference : meant) {
            if (difference.covers(name, field, ours, original)) {
                seen.computeIfAbsent(difference, each -> new TreeSet<>()).add(name);
                return true;
            }
        }
        return false;
    }

    /**
     * Called when all cases have run: every difference that is listed must have been seen. Writes the family's section of
     * the page on compatibility, unless a case was red.
     *
     * @param cases how many there are; if fewer ran, somebody is looking at some of them only, and nothing is concluded
     * @param title of the section
     * @param original the program that ours was compared with, and its version
     */
    public synchronized void conclude(int cases, String title, String original) throws IOException {
        if (red || compared.size() < cases) {
            return;
        }
        assertEquals(
                List.of(),
                meant.stream()
                        .filter(difference -> !seen.containsKey(difference))
                        .toList(),
                "listed in " + name + ".json and not seen any more");
        MeasuredPage.COMPATIBILITY.write(name, section(title, original));
    }

    private String section(String title, String original) {
        var text = new StringBuilder();
        var differing = new TreeSet<String>();
        seen.values().forEach(differing::addAll);
        text.append(
                "### %s\n\n%d cases, compared with %s: %d equal in every field, %d with a difference that is meant.\n"
                        .formatted(
                                title,
                                compared.size(),
                                original,
                                compared.size() - differing.size(),
                                differing.size()));
        if (!seen.isEmpty()) {
            text.append("\n| what differs | cases | reason |\n|---|---|---|\n");
            for (var difference : meant) {
                var names = seen.getOrDefault(difference, Set.of());
                text.append("| `%s` | %s | %s |\n"
                        .formatted(
                                MeasuredPage.cell(difference.field().pattern()),
                                MeasuredPage.cell(
                                        names.size() == 1 ? names.iterator().next() : names.size() + " cases"),
                                MeasuredPage.cell(difference.reason())));
            }
        }
        return text.toString();
    }
}
