// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * An agent that came by a join token has the token in its SPIFFE ID, and entries may name it before the token is used. What
 * is written down says the token's hash instead, which is the same everywhere and tells nobody a random token.
 */
public final class JoinTokenNames {
    private static final String PLACE = "/spire/agent/join_token/";
    private static final Pattern NAME = Pattern.compile(Pattern.quote(PLACE) + "([A-Za-z0-9._-]+)");
    private static final int DIGITS = 16;

    private JoinTokenNames() {}

    public static String hidden(String text) {
        return text.contains(PLACE)
                ? NAME.matcher(text)
                        .replaceAll(found ->
                                PLACE + "sha256:" + sha256(found.group(1)).substring(0, DIGITS))
                : text;
    }

    private static String sha256(String token) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
