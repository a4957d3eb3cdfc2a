// SPDX-License-Identifier: Apache-2.0
/** From envoy.yaml to records. {@link io.countersign.sidecar.bootstrap.BootstrapFile} reads a file; whatever it does not know or cannot do is a problem with path and line, and all problems are reported together. */
@NullMarked
package io.countersign.sidecar.bootstrap;

import org.jspecify.annotations.NullMarked;
