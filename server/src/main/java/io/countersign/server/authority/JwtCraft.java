// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.jwt.JwtKey;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.rotation.Slot;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.TrustedAuthority;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Keys that sign tokens; an authority above gets to know them, too. */
record JwtCraft(KeyType keyType, Duration ttl, SharedBundle bundle) implements Craft<JwtKey> {
    @Override
    public Kind kind() {
        return Kind.JWT;
    }

    @Override
    public String keyId(Slot slot) {
        return "JWT-Signer-" + slot;
    }

    @Override
    public JwtKey make(KeyPair keys, Instant now) throws IOException {
        var key = JwtKey.of(keys, now, ttl);
        bundle.publish(trusted(key));
        return key;
    }

    @Override
    public void vouch(JwtKey authority) {
        bundle.add(List.of(trusted(authority)));
    }

    private TrustedAuthority trusted(JwtKey key) {
        return new TrustedAuthority(
                Kind.JWT, key.keyId(), Base64.getEncoder().encodeToString(material(key)), key.notAfter(), false);
    }

    @Override
    public JwtKey restore(AuthorityRecord record, KeyPair keys) {
        if (!Arrays.equals(
                Base64.getDecoder().decode(record.material()), keys.getPublic().getEncoded())) {
            throw new IllegalArgumentException("its key is gone");
        }
        return new JwtKey(
                record.authorityId(), keys.getPrivate(), keys.getPublic(), record.notBefore(), record.notAfter());
    }

    @Override
    public byte[] material(JwtKey authority) {
        return authority.publicKey().getEncoded();
    }
}
