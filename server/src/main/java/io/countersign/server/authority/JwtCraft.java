// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.jwt.JwtKey;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.rotation.Slot;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/** Keys that sign tokens. */
record JwtCraft(KeyType keyType, Duration ttl) implements Craft<JwtKey> {
    @Override
    public Kind kind() {
        return Kind.JWT;
    }

    @Override
    public String keyId(Slot slot) {
        return "JWT-Signer-" + slot;
    }

    @Override
    public JwtKey make(KeyPair keys, Instant now) {
        return JwtKey.of(keys, now, ttl);
    }

    @Override
    public JwtKey restore(AuthorityRecord record, KeyPair keys) {
        if (!Arrays.equals(
                Base64.getDecoder().decode(record.material()), keys.getPublic().getEncoded())) {
            throw new IllegalArgumentException("the key is not that of authority " + record.authorityId());
        }
        return new JwtKey(
                record.authorityId(), keys.getPrivate(), keys.getPublic(), record.notBefore(), record.notAfter());
    }

    @Override
    public byte[] material(JwtKey authority) {
        return authority.publicKey().getEncoded();
    }
}
