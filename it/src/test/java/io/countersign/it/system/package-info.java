// SPDX-License-Identifier: Apache-2.0
/** The whole system as a user has it. */
@NullMarked
package io.countersign.it.system;

import org.jspecify.annotations.NullMarked;
