// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a workload may use at one moment.
 *
 * @param svids at least one; the first is the default
 * @param bundles of the own trust domain and of the federated ones
 */
public record X509Context(List<X509Svid> svids, Map<TrustDomain, TrustBundle> bundles) implements BundleSource {
    public X509Context {
        svids = List.copyOf(svids);
        bundles = Map.copyOf(bundles);
        if (svids.isEmpty()) {
            throw new IllegalArgumentException("no X.509-SVID was given, expected at least one");
        }
    }

    public X509Svid defaultSvid() {
        return svids.getFirst();
    }

    /** The first SVID with this hint, as the standard says of equal hints; nothing if none has it, never the default. */
    public Optional<X509Svid> svidWithHint(String hint) {
        return svids.stream().filter(svid -> svid.hint().equals(hint)).findFirst();
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        return Optional.ofNullable(bundles.get(trustDomain));
    }
}
