// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import java.time.Instant;

/**
 * One authority's public half, and where it is in its life.
 *
 * @param slot which of the two keys of its kind it is, {@code A} or {@code B}; empty if it is no key of this server
 * @param material a certificate or a public key: DER in base64
 * @param notAfter the beginning of 1970 for a key of which nobody has said when it ends
 */
public record AuthorityRecord(
        Kind kind,
        String authorityId,
        String slot,
        State state,
        String material,
        Instant notBefore,
        Instant notAfter,
        boolean tainted) {
    /** What it signs. */
    public enum Kind {
        X509,
        JWT
    }

    /** It is made, then signs, then only vouches for what it has signed; one that was appended signs elsewhere. */
    public enum State {
        PREPARED,
        ACTIVE,
        OLD,
        APPENDED
    }

    /** The same one, further on in its life. */
    public AuthorityRecord in(State next) {
        return new AuthorityRecord(kind, authorityId, slot, next, material, notBefore, notAfter, tainted);
    }
}
