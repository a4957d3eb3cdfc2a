// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.rotation;

import java.time.Instant;

/** What signs identities of one kind for a while. */
public interface Authority {
    /** By which SPIRE's API names it. */
    String authorityId();

    Instant notBefore();

    Instant notAfter();

    default Lifetime lifetime() {
        return new Lifetime(notBefore(), notAfter());
    }
}
