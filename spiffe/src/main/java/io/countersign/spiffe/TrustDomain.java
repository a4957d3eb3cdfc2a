// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe;

/**
 * The name of a trust domain: 1 to 255 characters of {@code a-z 0-9 . - _}, compared byte by byte.
 *
 * <p>Source: SPIFFE-ID sections 2.1 and 2.3. A name may look like nothing a file system or a URI parser expects
 * ({@code ".."}, {@code "1.2.3"}), so it must never become a file name unescaped.
 *
 * @param name such as {@code example.org}
 */
public record TrustDomain(String name) implements Comparable<TrustDomain> {
    private static final int MAX_LENGTH = 255;

    /** @throws InvalidSpiffeIdException if the name breaks the grammar */
    public TrustDomain {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            throw invalid(name, "expected 1 to " + MAX_LENGTH + " characters");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isNameCharacter(name.charAt(i))) {
                throw invalid(name, "expected only a-z, 0-9, '.', '-' and '_'");
            }
        }
    }

    /**
     * Reads a name, or an ID that consists of a trust domain alone.
     *
     * @param text {@code example.org} or {@code spiffe://example.org}
     * @throws InvalidSpiffeIdException if it is neither
     */
    public static TrustDomain parse(String text) {
        return new TrustDomain(text.startsWith(SpiffeId.SCHEME) ? text.substring(SpiffeId.SCHEME.length()) : text);
    }

    /** This trust domain as a SPIFFE ID: {@code spiffe://example.org}, without a slash at the end. */
    public String idString() {
        return SpiffeId.SCHEME + name;
    }

    @Override
    public int compareTo(TrustDomain other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    }

    private static InvalidSpiffeIdException invalid(String name, String rule) {
        return new InvalidSpiffeIdException("trust domain", name, rule);
    }
}
