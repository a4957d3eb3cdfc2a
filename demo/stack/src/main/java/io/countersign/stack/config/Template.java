// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.config;

import io.countersign.stack.StackException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts with places like {@code @PORT@} in them, kept beside the classes. */
public final class Template {
    private static final Pattern PLACE = Pattern.compile("@([A-Z_]+)@");

    private Template() {}

    /**
     * @param name such as {@code sql/orders.sql}
     * @throws IllegalStateException if a place has no value
     */
    public static String fill(String name, Map<String, String> values) {
        return PLACE.matcher(read(name)).replaceAll(place -> {
            var value = values.get(place.group(1));
            if (value == null) {
                throw new IllegalStateException(name + " has the place " + place.group() + " and no value came for it");
            }
            return Matcher.quoteReplacement(value);
        });
    }

    private static String read(String name) {
        try (var in = Template.class.getResourceAsStream("/io/countersign/stack/" + name)) {
            if (in == null) {
                throw new IllegalStateException("template " + name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new StackException("template " + name + " cannot be read: " + e.getMessage(), e);
        }
    }
}
