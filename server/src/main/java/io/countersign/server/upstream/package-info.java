// SPDX-License-Identifier: Apache-2.0
/** Whoever signs this server's own authorities, where that is not the server itself. */
@NullMarked
package io.countersign.server.upstream;

import org.jspecify.annotations.NullMarked;
