// SPDX-License-Identifier: Apache-2.0
/** Registration entries: keeping them, and finding those that a node may serve. */
@NullMarked
package io.countersign.server.entry;

import org.jspecify.annotations.NullMarked;
