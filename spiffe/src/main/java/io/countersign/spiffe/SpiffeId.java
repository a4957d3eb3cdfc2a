// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe;

/**
 * A SPIFFE ID, {@code spiffe://trust-domain/path}, of at most 2048 characters, compared byte by byte.
 *
 * <p>Source: SPIFFE-ID section 2. The parser is one pass over the characters. {@link java.net.URI} is not used: it hides
 * user info and ports, decodes percent signs and knows no host for names such as {@code my_td}.
 *
 * @param trustDomain the first half
 * @param path empty, or {@code /} and segments of {@code a-z A-Z 0-9 . - _} that are neither empty nor {@code .} nor
 *     {@code ..}
 */
public record SpiffeId(TrustDomain trustDomain, String path) implements Comparable<SpiffeId> {
    static final String SCHEME = "spiffe://";
    private static final int MAX_LENGTH = 2048;

    /** @throws InvalidSpiffeIdException if the path breaks the grammar or the whole is too long */
    public SpiffeId {
        if (SCHEME.length() + trustDomain.name().length() + path.length() > MAX_LENGTH) {
            throw new InvalidSpiffeIdException("spiffe id", path, "expected at most " + MAX_LENGTH + " characters");
        }
        if (!path.isEmpty()) {
            checkPath(path);
        }
    }

    /**
     * Reads an ID as it stands in certificates, tokens and messages; nothing is normalised.
     *
     * @throws InvalidSpiffeIdException if the text is not exactly a SPIFFE ID
     */
    public static SpiffeId parse(String text) {
        if (!text.startsWith(SCHEME)) {
            throw new InvalidSpiffeIdException("spiffe id", text, "expected it to begin with \"" + SCHEME + "\"");
        }
        if (text.length() > MAX_LENGTH) {
            throw new InvalidSpiffeIdException("spiffe id", text, "expected at most " + MAX_LENGTH + " characters");
        }
        int slash = text.indexOf('/', SCHEME.length());
        return slash < 0
                ? new SpiffeId(new TrustDomain(text.substring(SCHEME.length())), "")
                : new SpiffeId(new TrustDomain(text.substring(SCHEME.length(), slash)), text.substring(slash));
    }

    /**
     * Joins the two halves.
     *
     * @param path empty or beginning with a slash
     * @throws InvalidSpiffeIdException if the path breaks the grammar
     */
    public static SpiffeId of(TrustDomain trustDomain, String path) {
        return new SpiffeId(trustDomain, path);
    }

    /** Whether the ID belongs to that trust domain; names are compared whole. */
    public boolean isMemberOf(TrustDomain other) {
        return trustDomain.equals(other);
    }

    @Override
    public int compareTo(SpiffeId other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return SCHEME + trustDomain.name() + path;
    }

    private static void checkPath(String path) {
        if (path.charAt(0) != '/') {
            throw new InvalidSpiffeIdException("path", path, "expected it to begin with '/'");
        }
        int segment = 1;
        for (int i = 1; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                checkSegment(path, segment, i);
                segment = i + 1;
            } else if (!isPathCharacter(path.charAt(i))) {
                throw new InvalidSpiffeIdException("path", path, "expected only a-z, A-Z, 0-9, '.', '-' and '_'");
            }
        }
    }

    private static void checkSegment(String path, int from, int to) {
        int length = to - from;
        if (length == 0) {
            throw new InvalidSpiffeIdException("path", path, "expected no empty segment and no slash at the end");
        }
        boolean dots = length <= 2 && path.charAt(from) == '.' && path.charAt(to - 1) == '.';
        if (dots) {
            throw new InvalidSpiffeIdException("path", path, "expected no \".\" and no \"..\" segment");
        }
    }

    private static boolean isPathCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || c == '_';
    }
}
