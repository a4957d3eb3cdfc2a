// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import io.countersign.spiffe.TrustDomain;
import java.util.Optional;

/** Knows bundles by trust domain. Safe for use by several threads; the answer may change from call to call. */
@FunctionalInterface
public interface BundleSource {
    /** The bundle of exactly that trust domain, or nothing if it is not trusted. */
    Optional<TrustBundle> bundle(TrustDomain trustDomain);
}
