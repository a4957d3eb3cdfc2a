// SPDX-License-Identifier: Apache-2.0
/** Carries bytes of a connection to an upstream and back. */
@NullMarked
package io.countersign.sidecar.tcp;

import org.jspecify.annotations.NullMarked;
