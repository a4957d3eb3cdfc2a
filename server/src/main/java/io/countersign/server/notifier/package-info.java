// SPDX-License-Identifier: Apache-2.0
/** Who is told what the bundle says, wherever agents look for it before they know anybody. */
@NullMarked
package io.countersign.server.notifier;

import org.jspecify.annotations.NullMarked;
