// SPDX-License-Identifier: Apache-2.0
/** The commands of {@code countersign agent}, with the flags and texts of the original. */
@NullMarked
package io.countersign.agent.cli;

import org.jspecify.annotations.NullMarked;
