// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A text with operators: {@code %NAME%}, {@code %NAME(parameter)%}, {@code %NAME(parameter):length%}, {@code %%}. */
public final class Format {
    private static final Pattern OPERATOR = Pattern.compile("%([A-Z0-9_]+)(?:\\(([^)]*)\\))?(?::([0-9]+))?%");

    private final List<Operator> pieces;

    private Format(List<Operator> pieces) {
        this.pieces = List.copyOf(pieces);
    }

    /** @throws IllegalArgumentException naming the operator that is unknown or the place that is no operator */
    public static Format parse(String text) {
        var pieces = new ArrayList<Operator>();
        var operator = OPERATOR.matcher(text);
        int at = 0;
        while (at < text.length()) {
            int percent = text.indexOf('%', at);
            if (percent < 0) {
                percent = text.length();
            }
            if (percent > at) {
                var literal = text.substring(at, percent);
                pieces.add(e -> literal);
                at = percent;
            } else if (text.startsWith("%%", at)) {
                pieces.add(e -> "%");
                at += 2;
            } else if (operator.region(at, text.length()).lookingAt()) {
                pieces.add(shortened(Operators.named(operator.group(1), operator.group(2)), operator.group(3)));
                at = operator.end();
            } else {
                throw new IllegalArgumentException("\"" + text.substring(at)
                        + "\" starts with % but is no operator; write %% for the sign itself");
            }
        }
        return new Format(pieces);
    }

    private static Operator shortened(Operator operator, @Nullable String length) {
        if (length == null) {
            return operator;
        }
        int most = Integer.parseInt(length);
        return e -> {
            var value = operator.value(e);
            return value == null || value instanceof Number ? value : most(text(value), most);
        };
    }

    private static String most(String text, int most) {
        return text.length() > most ? text.substring(0, most) : text;
    }

    private static String text(Object value) {
        return value instanceof Map<?, ?> several ? Json.write(several) : value.toString();
    }

    /** Missing facts as {@code missing}: a dash in logs, nothing in headers. */
    public String render(Exchange exchange, String missing) {
        var out = new StringBuilder();
        for (var piece : pieces) {
            var value = piece.value(exchange);
            out.append(value == null ? missing : text(value));
        }
        return out.toString();
    }

    /** For JSON: what a single operator yields keeps its type, and is null if missing; among others it is {@code missing}. */
    public @Nullable Object value(Exchange exchange, String missing) {
        return pieces.size() == 1 ? pieces.getFirst().value(exchange) : render(exchange, missing);
    }
}
