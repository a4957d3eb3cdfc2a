// SPDX-License-Identifier: Apache-2.0
/** Push: nodes hear at once of what concerns them. */
@NullMarked
package io.countersign.server.watch;

import org.jspecify.annotations.NullMarked;
