// SPDX-License-Identifier: Apache-2.0
/** Signing identities. */
@NullMarked
package io.countersign.server.svid;

import org.jspecify.annotations.NullMarked;
