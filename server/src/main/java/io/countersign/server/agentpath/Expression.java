// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.agentpath;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A part of a template. */
public sealed interface Expression {
    /** What the template itself says. */
    record Text(String value) implements Expression {}

    /** A whole number, which functions take. */
    record Whole(int value) implements Expression {}

    /** @param name without the leading dot */
    record Field(String name) implements Expression {}

    /** @param arguments as many, and of the kinds, that the function takes */
    record Call(TemplateFunction function, List<Expression> arguments) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** @throws IllegalArgumentException if a value is not there or a function cannot take it */
    default String evaluate(Map<String, String> values) {
        return switch (this) {
            case Text(var value) -> value;
            case Whole(var value) -> Integer.toString(value);
            case Field(var name) ->
                Optional.ofNullable(values.get(name))
                        .orElseThrow(() -> new IllegalArgumentException(
                                "the agent path template wants ." + name + ", which this agent does not have"));
            case Call(var function, var arguments) ->
                function.apply(arguments.stream()
                        .map(argument -> argument.evaluate(values))
                        .toList());
        };
    }
}
