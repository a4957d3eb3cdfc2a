// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

/** A token that is not good. Says nothing of the token itself. */
final class JwtRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final JwtStatus status;

    JwtRefusal(JwtStatus status) {
        super(status.words());
        this.status = status;
    }

    JwtStatus status() {
        return status;
    }
}
