// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A JSON value. Members keep their order; numbers keep their digits. */
public sealed interface Json {
    /** @param members in the order of the text */
    record Members(Map<String, Json> members) implements Json {
        public Members {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        public Optional<Json> get(String name) {
            return Optional.ofNullable(members.get(name));
        }

        /** The member, if it is there and a string. */
        public Optional<String> text(String name) {
            return members.get(name) instanceof Text text ? Optional.of(text.value()) : Optional.empty();
        }
    }

    /** @param elements in order */
    record Elements(List<Json> elements) implements Json {
        public Elements {
            elements = List.copyOf(elements);
        }
    }

    /** @param value with all escapes resolved */
    record Text(String value) implements Json {}

    /** @param value exactly as written */
    record Numeric(BigDecimal value) implements Json {}

    /** @param value true or false */
    record Bool(boolean value) implements Json {}

    /** The literal {@code null}. */
    record Nothing() implements Json {}

    /**
     * Reads one document.
     *
     * @param utf8 at most the limits of {@link JsonReader}
     * @throws JsonException if it is not exactly one JSON value
     */
    static Json parse(byte[] utf8) {
        return JsonReader.read(utf8);
    }

    /**
     * This value in plain Java: maps, lists, strings, {@code Long} or {@code Double} or {@code BigDecimal}, booleans.
     * A null among members or elements is left out.
     */
    default Object toJava() {
        return switch (this) {
            case Members(Map<String, Json> members) -> {
                Map<String, Object> map = new LinkedHashMap<>();
                members.forEach((name, value) -> {
                    if (!(value instanceof Nothing)) {
                        map.put(name, value.toJava());
                    }
                });
                yield Collections.unmodifiableMap(map);
            }
            case Elements(List<Json> elements) -> {
                List<Object> list = new ArrayList<>();
                for (Json element : elements) {
                    if (!(element instanceof Nothing)) {
                        list.add(element.toJava());
                    }
                }
                yield Collections.unmodifiableList(list);
            }
            case Text(String value) -> value;
            case Numeric(BigDecimal value) -> plainNumber(value);
            case Bool(boolean value) -> value;
            case Nothing() -> Optional.empty();
        };
    }

    private static Object plainNumber(BigDecimal value) {
        if (value.scale() <= 0 && value.precision() - value.scale() <= 18) {
            return value.longValueExact();
        }
        return value.scale() > 0 && value.precision() <= 15 ? (Object) value.doubleValue() : value;
    }
}
