// SPDX-License-Identifier: Apache-2.0
/**
 * The values of SPIFFE, parsed strictly and validated fail-closed, with nothing but the JDK: {@link
 * io.countersign.spiffe.SpiffeId} and {@link io.countersign.spiffe.TrustDomain} here, X.509-SVIDs in {@code x509},
 * JWT-SVIDs in {@code jwt}, what they are checked against in {@code bundle}.
 *
 * <p>Every value is immutable and safe for use by several threads. What cannot be parsed is refused with an {@link
 * IllegalArgumentException} of a named subclass.
 */
@NullMarked
package io.countersign.spiffe;

import org.jspecify.annotations.NullMarked;
