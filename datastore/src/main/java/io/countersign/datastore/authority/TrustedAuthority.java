// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import io.countersign.datastore.authority.AuthorityRecord.Kind;
import java.time.Instant;

/**
 * One authority of the trust domain's bundle, whichever server signs with it.
 *
 * @param authorityId a certificate's subject key id in lower-case hexadecimal, or the key id of tokens
 * @param material a certificate or a public key: DER in base64
 * @param notAfter the beginning of 1970 for a key of which nobody has said when it ends
 * @param tainted still trusted, but about to be revoked: whatever it has signed is to be replaced
 */
public record TrustedAuthority(Kind kind, String authorityId, String material, Instant notAfter, boolean tainted) {}
