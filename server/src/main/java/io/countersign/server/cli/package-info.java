// SPDX-License-Identifier: Apache-2.0
/** The commands of the server. */
@NullMarked
package io.countersign.server.cli;

import org.jspecify.annotations.NullMarked;
