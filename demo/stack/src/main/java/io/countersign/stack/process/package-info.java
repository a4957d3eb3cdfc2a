// SPDX-License-Identifier: Apache-2.0
/** Parts as processes: starting, watching, restarting, stopping. */
@NullMarked
package io.countersign.stack.process;

import org.jspecify.annotations.NullMarked;
