// SPDX-License-Identifier: Apache-2.0
/**
 * One mTLS hop for programs that cannot: runs the part of {@code envoy.yaml} that SPIFFE sidecars use.
 *
 * <p>{@link io.countersign.sidecar.SidecarMain} parses the command line, {@link io.countersign.sidecar.Sidecar} wires
 * bootstrap, secrets, listeners and admin.
 */
@NullMarked
package io.countersign.sidecar;

import org.jspecify.annotations.NullMarked;
