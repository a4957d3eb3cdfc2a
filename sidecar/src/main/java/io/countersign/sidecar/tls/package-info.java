// SPDX-License-Identifier: Apache-2.0
/** TLS contexts made of secrets, and the verification of peers. */
@NullMarked
package io.countersign.sidecar.tls;

import org.jspecify.annotations.NullMarked;
