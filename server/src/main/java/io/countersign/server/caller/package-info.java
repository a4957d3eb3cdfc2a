// SPDX-License-Identifier: Apache-2.0
/** Who calls, and what such a caller may call. */
@NullMarked
package io.countersign.server.caller;

import org.jspecify.annotations.NullMarked;
