// SPDX-License-Identifier: Apache-2.0
/** How a process of ours starts, logs and stops. Knows nothing of identities: a stranger's daemon could use it. */
@NullMarked
package io.countersign.launch;

import org.jspecify.annotations.NullMarked;
