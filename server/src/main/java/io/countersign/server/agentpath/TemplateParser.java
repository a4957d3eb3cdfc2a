// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.agentpath;

import io.countersign.server.agentpath.AgentPathTemplate.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Reads a template once. What Go knows beyond this is refused by its name. */
final class TemplateParser {
    private static final String OPEN = "{{";
    private static final String CLOSE = "}}";
    private static final String INDEX = "index";

    private final String text;
    private final Fields fields;
    private final List<Expression> parts = new ArrayList<>();
    private int at;

    TemplateParser(String text, Fields fields) {
        this.text = text;
        this.fields = fields;
    }

    List<Expression> parse() {
        boolean trimmed = false;
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, at)) {
            var plain = plain(open, trimmed);
            at = open + OPEN.length();
            boolean trims = text.startsWith("- ", at);
            if (trims) {
                at++;
            }
            add(trims ? plain.stripTrailing() : plain);
            trimmed = action();
        }
        add(plain(text.length(), trimmed));
        return parts;
    }

    private String plain(int end, boolean trimmed) {
        var plain = text.substring(at, end);
        return trimmed ? plain.stripLeading() : plain;
    }

    private void add(String plain) {
        if (!plain.isEmpty()) {
            parts.add(new Expression.Text(plain));
        }
    }

    /** Whether the space behind it is to go. */
    private boolean action() {
        skipSpace();
        if (text.startsWith("/*", at)) {
            int end = text.indexOf("*/", at);
            if (end < 0) {
                throw malformed("a comment does not end");
            }
            at = end + 2;
        } else {
            parts.add(pipeline());
        }
        skipSpace();
        boolean trims = text.startsWith("-" + CLOSE, at);
        if (trims) {
            at++;
        }
        if (!text.startsWith(CLOSE, at)) {
            throw malformed(
                    at >= text.length() ? "an action does not end" : "\"" + text.charAt(at) + "\" is unexpected");
        }
        at += CLOSE.length();
        return trims;
    }

    private Expression pipeline() {
        var value = command(Optional.empty());
        skipSpace();
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            value = command(Optional.of(value));
            skipSpace();
        }
        return value;
    }

    /** @param piped what comes from the command before */
    private Expression command(Optional<Expression> piped) {
        skipSpace();
        if (at < text.length() && Character.isLetter(text.charAt(at))) {
            var word = word();
            if (word.equals(INDEX) && !fields.lists().isEmpty() && piped.isEmpty()) {
                return element();
            }
            var function = TemplateFunction.named(word)
                    .orElseThrow(() -> malformed("\"" + word + "\" is not supported, expected a field such as "
                            + ".Fingerprint or one of " + Arrays.toString(TemplateFunction.values())));
            var arguments = arguments();
            piped.ifPresent(arguments::add);
            if (!function.takes(arguments)) {
                throw malformed(function + " has other arguments, expected " + function.usage()
                        + ", the last of which may come through a pipe");
            }
            return new Expression.Call(function, arguments);
        }
        if (piped.isPresent()) {
            throw malformed("a function is expected after |");
        }
        var value = operand();
        if (!arguments().isEmpty()) {
            throw malformed("only a function takes arguments");
        }
        return value;
    }

    /** What follows {@code index}: the field of a list and a number. */
    private Expression element() {
        skipSpace();
        var name = "";
        if (text.startsWith(".", at)) {
            at++;
            name = word();
        }
        skipSpace();
        boolean counted = at < text.length() && Character.isDigit(text.charAt(at));
        if (!fields.lists().contains(name) || !counted || !(number() instanceof Expression.Whole(int place))) {
            throw malformed("index takes a list and a number from 0, expected one of the lists " + fields.lists());
        }
        return new Expression.Field(name + "." + place);
    }

    private List<Expression> arguments() {
        var arguments = new ArrayList<Expression>();
        skipSpace();
        while (at < text.length() && !text.startsWith("|", at) && !text.startsWith(")", at) && !endsHere()) {
            arguments.add(operand());
            skipSpace();
        }
        return arguments;
    }

    private boolean endsHere() {
        return text.startsWith(CLOSE, at) || text.startsWith("-" + CLOSE, at);
    }

    private Expression operand() {
        char first = at < text.length() ? text.charAt(at) : ' ';
        return switch (first) {
            case '.' -> field();
            case '"' -> quoted();
            case '`' -> raw();
            case '(' -> inner();
            default -> {
                if (first != '-' && !Character.isDigit(first)) {
                    throw malformed("\"" + first + "\" is unexpected, expected a field, a text or a whole number");
                }
                yield number();
            }
        };
    }

    private Expression inner() {
        at++;
        var value = pipeline();
        if (!text.startsWith(")", at)) {
            throw malformed("a parenthesis is not closed");
        }
        at++;
        return value;
    }

    private Expression field() {
        int start = at + 1;
        while (at < text.length() && text.charAt(at) == '.') {
            at++;
            var _ = word();
        }
        var name = text.substring(start, at);
        int dot = name.indexOf('.');
        boolean ofFamily = dot > 0
                && fields.families().contains(name.substring(0, dot))
                && name.indexOf('.', dot + 1) < 0
                && dot + 1 < name.length();
        boolean known = ofFamily || fields.single().contains(name);
        if (!known) {
            var all = new TreeSet<>(fields.single());
            fields.families().forEach(family -> all.add(family + ".<key>"));
            fields.lists().forEach(list -> all.add("index ." + list + " <number>"));
            throw malformed("the field ." + name + " is not supported, expected one of " + all);
        }
        return new Expression.Field(name);
    }

    private Expression quoted() {
        var value = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            char next = text.charAt(at);
            if (next == '\\') {
                at++;
                next = at < text.length() ? text.charAt(at) : ' ';
                if (next != '\\' && next != '"') {
                    throw malformed("\"\\" + next + "\" is not supported in a text, expected \\\\ or \\\"");
                }
            }
            value.append(next);
        }
        return closed(value.toString());
    }

    private Expression raw() {
        int start = ++at;
        skip(c -> c != '`');
        return closed(text.substring(start, at));
    }

    private Expression closed(String value) {
        if (at >= text.length()) {
            throw malformed("a text does not end");
        }
        at++;
        return new Expression.Text(value);
    }

    private Expression number() {
        int start = at++;
        skip(Character::isLetterOrDigit);
        var digits = text.substring(start, at);
        try {
            return new Expression.Whole(Integer.parseInt(digits));
        } catch (NumberFormatException e) {
            throw malformed("\"" + digits + "\" is no whole number");
        }
    }

    private String word() {
        int start = at;
        skip(c -> c == '_' || Character.isLetterOrDigit(c));
        return text.substring(start, at);
    }

    private void skipSpace() {
        skip(Character::isWhitespace);
    }

    private void skip(IntPredicate skipped) {
        while (at < text.length() && skipped.test(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException malformed(String why) {
        return new IllegalArgumentException("agent path template \"" + text + "\": " + why);
    }
}
