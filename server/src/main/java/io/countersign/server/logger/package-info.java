// SPDX-License-Identifier: Apache-2.0
/** How much the server logs. */
@NullMarked
package io.countersign.server.logger;

import org.jspecify.annotations.NullMarked;
