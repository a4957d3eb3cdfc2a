// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.upstream;

import io.countersign.ca.x509.CaRequest;
import io.countersign.datastore.authority.TrustedAuthority;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What signs the authorities of this server, so that its trust domain's bundle holds the roots above and none of its own.
 * Thread-safe.
 */
public sealed interface UpstreamAuthority extends AutoCloseable permits DiskUpstream, SpireUpstream {
    /**
     * An authority's certificate.
     *
     * @param chain that certificate first, then those above it but the root
     * @param roots all that the bundle above holds
     */
    record Signed(List<X509Certificate> chain, List<TrustedAuthority> roots) {
        public Signed {
            chain = List.copyOf(chain);
            roots = List.copyOf(roots);
            if (chain.isEmpty()) {
                throw new IllegalArgumentException("the chain is empty, expected the new authority first");
            }
        }
    }

    /**
     * @param ttl how long the authority would live; it may get less
     * @throws IOException if it is not signed, with the reason
     */
    Signed sign(CaRequest request, Duration ttl) throws IOException;

    /**
     * Makes a key that signs tokens known above, and gives all that are known there then. Nothing if it takes no keys.
     *
     * @throws IOException if it is not taken, with the reason
     */
    Optional<List<TrustedAuthority>> publish(TrustedAuthority key) throws IOException;

    /**
     * The whole bundle above, to be asked again and again. Nothing if it is seen only when something is signed.
     *
     * @throws IOException if it cannot be had now
     */
    Optional<List<TrustedAuthority>> bundle() throws IOException;

    @Override
    void close();
}
