// SPDX-License-Identifier: Apache-2.0
/** The small HTTP listener that answers live and ready probes. */
@NullMarked
package io.countersign.launch.health;

import org.jspecify.annotations.NullMarked;
