// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.identity.IssuedSvid;
import io.countersign.spiffe.bundle.TrustBundle;

/**
 * Who this node is to the server.
 *
 * @param bundle what the server is checked against until the first synchronisation
 * @param reattestable whether the server lets the node prove itself once more
 */
public record NodeIdentity(IssuedSvid svid, TrustBundle bundle, boolean reattestable) {}
