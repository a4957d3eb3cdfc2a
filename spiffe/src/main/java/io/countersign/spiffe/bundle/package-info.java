// SPDX-License-Identifier: Apache-2.0
/**
 * What SVIDs are checked against: {@link io.countersign.spiffe.bundle.TrustBundle}, the public keys of one trust domain,
 * and {@link io.countersign.spiffe.bundle.BundleSource}, where a validator gets them from.
 */
@NullMarked
package io.countersign.spiffe.bundle;

import org.jspecify.annotations.NullMarked;
