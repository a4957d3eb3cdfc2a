// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import io.countersign.launch.config.Hcl.Body;
import io.countersign.launch.config.Hcl.Item;
import io.countersign.launch.config.Hcl.Kind;
import io.countersign.launch.config.Hcl.Scalar;
import io.countersign.launch.config.Hcl.Sequence;
import io.countersign.launch.config.HclLexer.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * A parser of HCL version 1 and JSON, the two syntaxes of SPIRE's and spiffe-helper's files. Written here because the
 * Java libraries for HCL read version 2: they evaluate <code>${…}</code>, read {@code 0644} as a decimal number and
 * forget line numbers, and files in the wild rely on all three.
 */
final class HclParser {
    private static final int DEEPEST = 64;

    private final List<Token> tokens;
    private final boolean json;
    private int next;
    private int depth;

    private HclParser(List<Token> tokens) {
        this.tokens = tokens;
        this.json = tokens.getFirst().type() == HclLexer.Type.OPEN_BRACE;
    }

    static Body parse(String text) {
        var parser = new HclParser(new HclLexer(text).tokens());
        if (parser.json) {
            var body = (Body) parser.value();
            parser.expect(HclLexer.Type.END, "the end of the file");
            return body;
        }
        return parser.body(HclLexer.Type.END, 1);
    }

    private Body body(HclLexer.Type end, int line) {
        var items = new ArrayList<Item>();
        while (peek().type() != end) {
            items.add(item());
            if (peek().type() == HclLexer.Type.COMMA) {
                next++;
            }
        }
        next++;
        return new Body(items, line);
    }

    private Item item() {
        var key = take();
        if (key.type() != HclLexer.Type.WORD && key.type() != HclLexer.Type.STRING) {
            throw new HclSyntaxException(key.line(), "expected a key, found " + key.shown());
        }
        var labels = new ArrayList<Token>();
        while (peek().type() == HclLexer.Type.STRING || peek().type() == HclLexer.Type.WORD) {
            labels.add(take());
        }
        return switch (peek().type()) {
            case ASSIGN -> {
                next++;
                if (!labels.isEmpty()) {
                    throw new HclSyntaxException(key.line(), "expected { after the label of " + key.text());
                }
                yield new Item(key.text(), valueOrNothing(), key.line());
            }
            case OPEN_BRACE -> new Item(key.text(), below(labels), key.line());
            case WORD, STRING, COMMA, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, END ->
                throw new HclSyntaxException(
                        key.line(), "expected = or { after " + key.text() + ", found " + peek().shown());
        };
    }

    private Hcl valueOrNothing() {
        return json && peek().type() == HclLexer.Type.WORD && peek().text().equals("null")
                ? new Hcl.Nothing(take().line())
                : value();
    }

    /** The body that follows, within one for each label. */
    private Hcl below(List<Token> labels) {
        depth += labels.size();
        var value = value();
        depth -= labels.size();
        for (var label : labels.reversed()) {
            value = new Body(List.of(new Item(label.text(), value, label.line())), label.line());
        }
        return value;
    }

    private Hcl value() {
        if (++depth > DEEPEST) {
            throw new HclSyntaxException(peek().line(), "nested deeper than " + DEEPEST + " levels");
        }
        var token = take();
        Hcl value = switch (token.type()) {
            case STRING -> new Scalar(Kind.STRING, token.text(), token.line());
            case WORD -> word(token);
            case OPEN_BRACE -> body(HclLexer.Type.CLOSE_BRACE, token.line());
            case OPEN_BRACKET -> sequence(token.line());
            case ASSIGN, COMMA, CLOSE_BRACE, CLOSE_BRACKET, END ->
                throw new HclSyntaxException(token.line(), "expected a value, found " + token.shown());
        };
        depth--;
        return value;
    }

    private static Scalar word(Token token) {
        var text = token.text();
        if (text.equals("true") || text.equals("false")) {
            return new Scalar(Kind.BOOLEAN, text, token.line());
        }
        if (text.matches("-?(0[xX][0-9a-fA-F]+|[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?)")) {
            return new Scalar(Kind.NUMBER, text, token.line());
        }
        throw new HclSyntaxException(
                token.line(), "expected a number, true, false or a quoted string, found " + token.shown());
    }

    private Sequence sequence(int line) {
        var elements = new ArrayList<Hcl>();
        while (peek().type() != HclLexer.Type.CLOSE_BRACKET) {
            elements.add(value());
            if (peek().type() == HclLexer.Type.COMMA) {
                next++;
            } else if (peek().type() != HclLexer.Type.CLOSE_BRACKET) {
                throw new HclSyntaxException(peek().line(), "expected , or ] in a list, found " + peek().shown());
            }
        }
        next++;
        return new Sequence(elements, line);
    }

    private Token peek() {
        return tokens.get(next);
    }

    private Token take() {
        var token = tokens.get(next);
        if (token.type() != HclLexer.Type.END) {
            next++;
        }
        return token;
    }

    private void expect(HclLexer.Type type, String what) {
        if (peek().type() != type) {
            throw new HclSyntaxException(peek().line(), "expected " + what + ", found " + peek().shown());
        }
    }
}
