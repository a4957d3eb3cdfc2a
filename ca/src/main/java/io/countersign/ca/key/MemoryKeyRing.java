// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import java.security.KeyPair;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Keys that end with the process: a restarted server begins with new authorities. */
public final class MemoryKeyRing implements KeyRing {
    private final Map<String, KeyPair> keys = new ConcurrentHashMap<>();

    @Override
    public KeyPair generate(String id, KeyType type) {
        var pair = type.generate();
        keys.put(id, pair);
        return pair;
    }

    @Override
    public Optional<KeyPair> find(String id) {
        return Optional.ofNullable(keys.get(id));
    }
}
