// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.time.Instant;
import java.util.Map;

/**
 * The bundle of another trust domain, as it was last fetched or set.
 *
 * @param keyExpiries when JWT keys end, by their ids and as far as somebody has said so; whole seconds
 */
public record FederatedBundle(TrustBundle bundle, Map<String, Instant> keyExpiries) {
    public FederatedBundle {
        keyExpiries = Map.copyOf(keyExpiries);
    }

    /** One that says nothing of the ends of its keys, as documents of the SPIFFE standard do. */
    public static FederatedBundle of(TrustBundle bundle) {
        return new FederatedBundle(bundle, Map.of());
    }

    public TrustDomain trustDomain() {
        return bundle.trustDomain();
    }
}
