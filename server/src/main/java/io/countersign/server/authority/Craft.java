// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.rotation.Authority;
import io.countersign.ca.rotation.Slot;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import java.security.KeyPair;
import java.time.Instant;

/** How authorities of one kind are made, written down and found again. */
interface Craft<A extends Authority> {
    Kind kind();

    KeyType keyType();

    /** The name of a slot's key in the key ring. */
    String keyId(Slot slot);

    A make(KeyPair keys, Instant now);

    /** @throws IllegalArgumentException if the keys are not this authority's */
    A restore(AuthorityRecord record, KeyPair keys);

    /** The public half, as DER. */
    byte[] material(A authority);
}
