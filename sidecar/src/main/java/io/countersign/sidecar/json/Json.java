// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.json;

import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes maps, iterables, texts, numbers and booleans as compact JSON (RFC 8259); anything else as its text. */
public final class Json {
    private Json() {}

    public static String write(@Nullable Object value) {
        var out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case Number number -> out.append(number);
            case Boolean bool -> out.append(bool);
            case Map<?, ?> map -> object(map, out);
            case Iterable<?> list -> array(list.iterator(), out);
            default -> text(value.toString(), out);
        }
    }

    private static void object(Map<?, ?> map, StringBuilder out) {
        char before = '{';
        for (var entry : map.entrySet()) {
            out.append(before);
            text(String.valueOf(entry.getKey()), out);
            out.append(':');
            write(entry.getValue(), out);
            before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
    }

    private static void array(Iterator<?> items, StringBuilder out) {
        out.append('[');
        while (items.hasNext()) {
            write(items.next(), out);
            if (items.hasNext()) {
                out.append(',');
            }
        }
        out.append(']');
    }

    private static void text(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
