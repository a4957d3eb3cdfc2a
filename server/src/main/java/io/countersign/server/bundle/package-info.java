// SPDX-License-Identifier: Apache-2.0
/** The trust domain's public keys. */
@NullMarked
package io.countersign.server.bundle;

import org.jspecify.annotations.NullMarked;
