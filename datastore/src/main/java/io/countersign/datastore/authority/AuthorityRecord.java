// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import java.time.Instant;

/**
 * One authority of this server: its public half, and where it is in its life.
 *
 * @param slot which of the two keys of its kind it is, {@code A} or {@code B}
 * @param material a certificate, with those above it but the root behind it, or a public key: DER in base64
 */
public record AuthorityRecord(
        Kind kind, String authorityId, String slot, State state, String material, Instant notBefore, Instant notAfter) {
    /** What it signs. */
    public enum Kind {
        X509,
        JWT
    }

    /** It is made, then signs, then only stands for what it has signed. */
    public enum State {
        PREPARED,
        ACTIVE,
        OLD
    }

    /** The same one, further on in its life. */
    public AuthorityRecord in(State next) {
        return new AuthorityRecord(kind, authorityId, slot, next, material, notBefore, notAfter);
    }
}
