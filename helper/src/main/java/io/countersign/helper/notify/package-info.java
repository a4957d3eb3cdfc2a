// SPDX-License-Identifier: Apache-2.0
/**
 * Tells other programs that the files are new, by a signal, a command or HTTP, and has a handshake prove that they are
 * in use.
 */
@NullMarked
package io.countersign.helper.notify;

import org.jspecify.annotations.NullMarked;
