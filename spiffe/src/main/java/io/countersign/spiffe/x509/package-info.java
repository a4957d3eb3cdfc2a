// SPDX-License-Identifier: Apache-2.0
/**
 * X.509-SVIDs: a program's own ({@link io.countersign.spiffe.x509.X509Svid}), the check of a peer's ({@link
 * io.countersign.spiffe.x509.X509SvidValidator}), and the two encodings they travel in.
 */
@NullMarked
package io.countersign.spiffe.x509;

import org.jspecify.annotations.NullMarked;
