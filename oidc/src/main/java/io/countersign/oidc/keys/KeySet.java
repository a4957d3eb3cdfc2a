// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.keys;

import io.countersign.spiffe.bundle.JwtAuthority;
import java.time.Instant;
import java.util.List;

/**
 * Keys as they were fetched.
 *
 * @param authorities empty if the trust domain signs no tokens
 * @param since when they were first seen to be these
 */
public record KeySet(List<JwtAuthority> authorities, Instant since) {
    public KeySet {
        authorities = List.copyOf(authorities);
    }
}
