// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import java.util.Optional;
import java.util.Set;

/**
 * Who may connect over TCP with a certificate: members of the trust domain, and administrators from elsewhere. What they may
 * call is decided call by call. Whoever comes can claim any trust domain, so the bundle is looked up of none but these.
 */
public record Visitors(TrustDomain own, Set<SpiffeId> admins, BundleSource trusted) implements BundleSource {
    public Visitors {
        admins = Set.copyOf(admins);
    }

    public boolean mayConnect(SpiffeId id) {
        return id.isMemberOf(own) || admins.contains(id);
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        boolean expected = trustDomain.equals(own) || admins.stream().anyMatch(admin -> admin.isMemberOf(trustDomain));
        return expected ? trusted.bundle(trustDomain) : Optional.empty();
    }
}
