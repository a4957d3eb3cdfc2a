// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.jwt;

/** A token that is not a valid JWT-SVID. The message names the rule and never holds the token. */
public final class JwtSvidException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    JwtSvidException(String message) {
        super(message);
    }

    JwtSvidException(String message, Throwable cause) {
        super(message, cause);
    }
}
