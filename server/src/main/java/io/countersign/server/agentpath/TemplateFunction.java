// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.agentpath;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The functions of a template. They do what sprig's functions of the same names do; a pipe gives the last argument. */
public enum TemplateFunction {
    LOWER("lower", 0, 1),
    UPPER("upper", 0, 1),
    TRIM("trim", 0, 1),
    NO_SPACE("nospace", 0, 1),
    TRIM_ALL("trimAll", 0, 2),
    TRIM_PREFIX("trimPrefix", 0, 2),
    TRIM_SUFFIX("trimSuffix", 0, 2),
    REPLACE("replace", 0, 3),
    DEFAULT("default", 0, 2),
    TRUNC("trunc", 1, 1),
    SUBSTR("substr", 2, 1),
    SHA1("sha1sum", 0, 1),
    SHA256("sha256sum", 0, 1);

    private final String word;
    private final int numbers;
    private final int texts;

    TemplateFunction(String word, int numbers, int texts) {
        this.word = word;
        this.numbers = numbers;
        this.texts = texts;
    }

    /** By its name in a template. */
    static Optional<TemplateFunction> named(String word) {
        return Arrays.stream(values())
                .filter(function -> function.word.equals(word))
                .findAny();
    }

    /** Whether these are the arguments that it wants: first its numbers, then its texts. */
    boolean takes(List<Expression> arguments) {
        boolean fits = arguments.size() == numbers + texts;
        for (int i = 0; fits && i < arguments.size(); i++) {
            fits = arguments.get(i) instanceof Expression.Whole == i < numbers;
        }
        return fits;
    }

    /** In words, such as {@code trunc NUMBER TEXT}. */
    String usage() {
        return word + " NUMBER".repeat(numbers) + " TEXT".repeat(texts);
    }

    /**
     * @param in that it {@link #takes}, evaluated
     * @throws IllegalArgumentException if there is no result
     */
    String apply(List<String> in) {
        var text = in.getLast();
        return switch (this) {
            case LOWER -> text.toLowerCase(Locale.ROOT);
            case UPPER -> text.toUpperCase(Locale.ROOT);
            case TRIM -> text.strip();
            case NO_SPACE -> text.replaceAll("\\s", "");
            case TRIM_ALL -> trim(text, in.getFirst());
            case TRIM_PREFIX ->
                text.startsWith(in.getFirst()) ? text.substring(in.getFirst().length()) : text;
            case TRIM_SUFFIX ->
                text.endsWith(in.getFirst())
                        ? text.substring(0, text.length() - in.getFirst().length())
                        : text;
            case REPLACE -> text.replace(in.get(0), in.get(1));
            case DEFAULT -> text.isEmpty() ? in.getFirst() : text;
            case TRUNC -> truncate(text, Integer.parseInt(in.getFirst()));
            case SUBSTR -> substring(text, Integer.parseInt(in.get(0)), Integer.parseInt(in.get(1)));
            case SHA1 -> digest("SHA-1", text);
            case SHA256 -> digest("SHA-256", text);
        };
    }

    private static String trim(String text, String characters) {
        int from = 0;
        int to = text.length();
        while (from < to && characters.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && characters.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }

    /** Keeps the beginning, or with a negative length the end. */
    private static String truncate(String text, int length) {
        if (length < 0) {
            return text.substring(Math.max(0, text.length() + length));
        }
        return text.substring(0, Math.min(length, text.length()));
    }

    /** A negative start means the beginning, a negative end or one that is too far the end. */
    private static String substring(String text, int start, int end) {
        int from = Math.max(start, 0);
        int to = (start >= 0 && end < 0) || end > text.length() ? text.length() : end;
        if (from > to || to < 0) {
            throw new IllegalArgumentException(
                    "substr " + start + " " + end + " was asked of " + text.length() + " characters");
        }
        return text.substring(from, to);
    }

    private static String digest(String algorithm, String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    @Override
    public String toString() {
        return word;
    }
}
