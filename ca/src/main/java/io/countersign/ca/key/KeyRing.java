// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import java.io.IOException;
import java.security.KeyPair;
import java.util.Optional;

/**
 * Where an authority's keys are kept, by the ids that SPIRE's key managers use ({@code x509-CA-A}, {@code JWT-Signer-B}).
 * Implementations are thread-safe.
 */
public interface KeyRing {
    /**
     * Makes a key and keeps it, in the place of an older one with that id.
     *
     * @throws IOException if it cannot be kept; the older one is then still there
     */
    KeyPair generate(String id, KeyType type) throws IOException;

    Optional<KeyPair> find(String id);
}
