// SPDX-License-Identifier: Apache-2.0
/** How the server is, for those who look into it. */
@NullMarked
package io.countersign.server.debug;

import org.jspecify.annotations.NullMarked;
