// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.entry;

import java.time.Instant;

/**
 * Tells an entry from the same one before it was changed, and from an earlier one with its id.
 *
 * @param revision grows with each change
 * @param createdAt in whole seconds
 */
public record Edition(long revision, Instant createdAt) {
    /** Of what is for no entry. */
    public static final Edition NONE = new Edition(0, Instant.EPOCH);
}
