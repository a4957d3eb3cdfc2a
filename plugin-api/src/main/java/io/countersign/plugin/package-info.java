// SPDX-License-Identifier: Apache-2.0
/** What a part of somebody else's gets from the program that it is plugged into. */
@NullMarked
package io.countersign.plugin;

import org.jspecify.annotations.NullMarked;
