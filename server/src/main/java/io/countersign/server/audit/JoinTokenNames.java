// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import java.util.regex.Pattern;

/**
 * An agent that came by a join token has the token in its SPIFFE ID, and entries may name it before the token is used. The
 * audit file says the token's hash instead, which is the same in every line and tells nobody a random token.
 */
final class JoinTokenNames {
    private static final String PLACE = "/spire/agent/join_token/";
    private static final Pattern NAME = Pattern.compile(Pattern.quote(PLACE) + "([A-Za-z0-9._-]+)");
    private static final int DIGITS = 16;

    private JoinTokenNames() {}

    static String hidden(String text) {
        return text.contains(PLACE)
                ? NAME.matcher(text)
                        .replaceAll(found -> PLACE + "sha256:"
                                + ChainLine.sha256(found.group(1)).substring(0, DIGITS))
                : text;
    }
}
