// SPDX-License-Identifier: Apache-2.0
/**
 * The OIDC discovery provider: it lets whoever knows OpenID Connect, and nothing of SPIFFE, verify JWT-SVIDs. {@link
 * io.countersign.oidc.OidcMain} reads the command line, {@link io.countersign.oidc.DiscoveryProvider} wires the parts.
 */
@NullMarked
package io.countersign.oidc;

import org.jspecify.annotations.NullMarked;
