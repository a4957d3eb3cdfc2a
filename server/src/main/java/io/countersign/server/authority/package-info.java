// SPDX-License-Identifier: Apache-2.0
/** What signs identities now, and what follows it. */
@NullMarked
package io.countersign.server.authority;

import org.jspecify.annotations.NullMarked;
