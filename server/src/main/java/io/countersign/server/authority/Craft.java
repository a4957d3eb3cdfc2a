// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.rotation.Authority;
import io.countersign.ca.rotation.Slot;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Instant;

/** How authorities of one kind are made, written down and found again. */
interface Craft<A extends Authority> {
    Kind kind();

    KeyType keyType();

    /** The name of a slot's key in the key ring. */
    String keyId(Slot slot);

    /**
     * Makes one, and puts into the bundle what vouches for it.
     *
     * @throws IOException if an authority above is needed for that and does not do its part
     */
    A make(KeyPair keys, Instant now) throws IOException;

    /** Puts into the bundle, where it is missing, what vouches for one; the roots above come from above only. */
    void vouch(A authority);

    /** @throws IllegalArgumentException if it cannot be used any more, with the reason */
    A restore(AuthorityRecord record, KeyPair keys);

    /** The public half, as DER. */
    byte[] material(A authority);
}
