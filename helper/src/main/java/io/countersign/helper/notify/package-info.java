// SPDX-License-Identifier: Apache-2.0
/**
 * Tells other programs that the files are new: starts a command, sends a signal.
 */
@NullMarked
package io.countersign.helper.notify;

import org.jspecify.annotations.NullMarked;
