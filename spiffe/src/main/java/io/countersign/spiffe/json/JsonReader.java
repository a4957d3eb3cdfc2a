// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.json;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A recursive descent over the text, bounded in size (16 MiB), depth (32) and digits (40). */
final class JsonReader {
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_NUMBER = 40;
    private static final int MAX_EXPONENT = 400;
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE]([+-]?[0-9]+))?");

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    static Json read(byte[] utf8) {
        if (utf8.length > MAX_BYTES) {
            throw new JsonException("the json is " + utf8.length + " bytes; expected at most " + MAX_BYTES);
        }
        JsonReader reader;
        try {
            reader = new JsonReader(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new JsonException("the json is not utf-8");
        }
        reader.skipBlanks();
        Json value = reader.value();
        reader.skipBlanks();
        if (reader.at < reader.text.length()) {
            throw reader.expected("the end of the text");
        }
        return value;
    }

    private Json value() {
        char first = at < text.length() ? text.charAt(at) : '\0';
        return switch (first) {
            case '{' -> members();
            case '[' -> elements();
            case '"' -> new Json.Text(string());
            case 't' -> literal("true", new Json.Bool(true));
            case 'f' -> literal("false", new Json.Bool(false));
            case 'n' -> literal("null", new Json.Nothing());
            default -> number();
        };
    }

    private Json members() {
        enter();
        Map<String, Json> members = new LinkedHashMap<>();
        skipBlanks();
        if (!accept('}')) {
            do {
                skipBlanks();
                String name = string();
                skipBlanks();
                require(':');
                skipBlanks();
                if (members.put(name, value()) != null) {
                    throw new JsonException("member \"" + name + "\" is there twice");
                }
                skipBlanks();
            } while (accept(','));
            require('}');
        }
        depth--;
        return new Json.Members(members);
    }

    private Json elements() {
        enter();
        List<Json> elements = new ArrayList<>();
        skipBlanks();
        if (!accept(']')) {
            do {
                skipBlanks();
                elements.add(value());
                skipBlanks();
            } while (accept(','));
            require(']');
        }
        depth--;
        return new Json.Elements(elements);
    }

    private void enter() {
        at++;
        if (++depth > MAX_DEPTH) {
            throw new JsonException("the json is nested deeper than " + MAX_DEPTH);
        }
    }

    private String string() {
        require('"');
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return value.toString();
            }
            if (c < ' ') {
                throw expected("no control character in a string");
            }
            value.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw expected("an escape");
        };
    }

    private char unicode() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            char c = next();
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw expected("four hexadecimal digits");
            }
            code = (code << 4) | digit;
        }
        return (char) code;
    }

    private Json number() {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt()) {
            throw expected("a value");
        }
        String digits = number.group();
        String exponent = number.group(1);
        if (digits.length() > MAX_NUMBER || (exponent != null && tooLarge(exponent))) {
            throw expected("a number of at most " + MAX_NUMBER + " digits");
        }
        at = number.end();
        return new Json.Numeric(new BigDecimal(digits));
    }

    /** A huge exponent would make a number that takes for ever to compute with. */
    private static boolean tooLarge(String exponent) {
        return exponent.length() > 5 || Math.abs(Integer.parseInt(exponent)) > MAX_EXPONENT;
    }

    private Json literal(String word, Json value) {
        if (!text.startsWith(word, at)) {
            throw expected("a value");
        }
        at += word.length();
        return value;
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean accept(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void require(char c) {
        if (!accept(c)) {
            throw expected("'" + c + "'");
        }
    }

    private char next() {
        if (at >= text.length()) {
            throw expected("more text");
        }
        return text.charAt(at++);
    }

    private JsonException expected(String what) {
        return new JsonException("json at character " + at + ": expected " + what);
    }
}
