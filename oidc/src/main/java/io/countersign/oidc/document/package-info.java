// SPDX-License-Identifier: Apache-2.0
/**
 * The two documents that a verifier of tokens reads: {@link io.countersign.oidc.document.DiscoveryDocument} and {@link
 * io.countersign.oidc.document.KeysDocument}.
 */
@NullMarked
package io.countersign.oidc.document;

import org.jspecify.annotations.NullMarked;
