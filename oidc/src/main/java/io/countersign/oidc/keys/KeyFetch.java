// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.keys;

import io.countersign.spiffe.bundle.JwtAuthority;
import java.io.IOException;
import java.util.List;

/** Asks one source. For one thread. */
public interface KeyFetch extends AutoCloseable {
    /**
     * Blocks, at most for half a minute.
     *
     * @throws IOException if the source does not answer with keys, and why
     */
    List<JwtAuthority> fetch() throws IOException;

    @Override
    void close();
}
