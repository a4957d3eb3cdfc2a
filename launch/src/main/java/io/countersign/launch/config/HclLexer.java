// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import java.util.ArrayList;
import java.util.List;

/** Cuts HCL version 1 and JSON into tokens. Interpolations are text like any other, as the originals keep them. */
final class HclLexer {
    enum Type {
        WORD,
        STRING,
        ASSIGN,
        COMMA,
        OPEN_BRACE,
        CLOSE_BRACE,
        OPEN_BRACKET,
        CLOSE_BRACKET,
        END
    }

    record Token(Type type, String text, int line) {
        String shown() {
            return type == Type.END ? "the end of the file" : "\"" + text + "\"";
        }
    }

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    HclLexer(String text) {
        this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    List<Token> tokens() {
        while (skipBlanksAndComments()) {
            char c = text.charAt(at);
            switch (c) {
                case '=', ':' -> single(Type.ASSIGN);
                case ',' -> single(Type.COMMA);
                case '{' -> single(Type.OPEN_BRACE);
                case '}' -> single(Type.CLOSE_BRACE);
                case '[' -> single(Type.OPEN_BRACKET);
                case ']' -> single(Type.CLOSE_BRACKET);
                case '"' -> string();
                case '<' -> heredoc();
                default -> word();
            }
        }
        tokens.add(new Token(Type.END, "", line));
        return tokens;
    }

    private boolean skipBlanksAndComments() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                line++;
                at++;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '#' || text.startsWith("//", at)) {
                at = endOfLine();
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                if (end < 0) {
                    throw new HclSyntaxException(line, "comment is not closed, expected */");
                }
                line += (int)
                        text.substring(at, end).chars().filter(x -> x == '\n').count();
                at = end + 2;
            } else {
                return true;
            }
        }
        return false;
    }

    private int endOfLine() {
        int end = text.indexOf('\n', at);
        return end < 0 ? text.length() : end;
    }

    private void single(Type type) {
        tokens.add(new Token(type, text.substring(at, at + 1), line));
        at++;
    }

    private void string() {
        var out = new StringBuilder();
        int braces = 0;
        at++;
        while (true) {
            if (at >= text.length() || text.charAt(at) == '\n') {
                throw new HclSyntaxException(line, "string is not closed, expected \"");
            }
            char c = text.charAt(at);
            if (c == '"' && braces == 0) {
                at++;
                break;
            }
            // quotes inside ${…} belong to the string
            if (c == '$' && text.startsWith("${", at)) {
                braces++;
                out.append("${");
                at += 2;
            } else if (c == '}' && braces > 0) {
                braces--;
                out.append(c);
                at++;
            } else if (c == '\\' && braces == 0) {
                escape(out);
            } else {
                out.append(c);
                at++;
            }
        }
        tokens.add(new Token(Type.STRING, out.toString(), line));
    }

    private void escape(StringBuilder out) {
        if (at + 1 >= text.length()) {
            throw new HclSyntaxException(line, "string ends in a backslash");
        }
        char c = text.charAt(at + 1);
        at += 2;
        switch (c) {
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case '"', '\\', '/' -> out.append(c);
            case 'u' -> out.append((char) hex(4));
            case 'x' -> out.append((char) hex(2));
            default ->
                throw new HclSyntaxException(
                        line, "unknown escape \\" + c + " in a string, expected one of \\n \\t \\r \\\" \\\\ \\uXXXX");
        }
    }

    private int hex(int digits) {
        try {
            int value = Integer.parseInt(text, at, at + digits, 16);
            at += digits;
            return value;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new HclSyntaxException(line, "expected " + digits + " hexadecimal digits after \\u or \\x");
        }
    }

    /** {@code <<EOF … EOF}, or {@code <<-EOF}, which takes the common indentation away. */
    private void heredoc() {
        if (!text.startsWith("<<", at)) {
            throw new HclSyntaxException(line, "unexpected <");
        }
        int start = line;
        boolean indented = text.startsWith("<<-", at);
        at += indented ? 3 : 2;
        int eol = endOfLine();
        var marker = text.substring(at, eol).strip();
        var lines = new ArrayList<String>();
        at = eol;
        while (true) {
            if (marker.isEmpty() || at >= text.length()) {
                throw new HclSyntaxException(start, "here-document is not closed, expected " + marker);
            }
            at++;
            line++;
            eol = endOfLine();
            var one = text.substring(at, eol);
            at = eol;
            if (one.strip().equals(marker)) {
                break;
            }
            lines.add(one.endsWith("\r") ? one.substring(0, one.length() - 1) : one);
        }
        int cut =
                indented ? lines.stream().mapToInt(HclLexer::indentation).min().orElse(0) : 0;
        var out = new StringBuilder();
        lines.forEach(one ->
                out.append(one, Math.min(cut, one.length()), one.length()).append('\n'));
        tokens.add(new Token(Type.STRING, out.toString(), start));
    }

    private static int indentation(String one) {
        return one.isBlank()
                ? Integer.MAX_VALUE
                : one.length() - one.stripLeading().length();
    }

    private void word() {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "_-.+".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw new HclSyntaxException(line, "unexpected character " + text.charAt(at));
        }
        tokens.add(new Token(Type.WORD, text.substring(start, at), line));
    }
}
