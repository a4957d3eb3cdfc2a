// SPDX-License-Identifier: Apache-2.0
/**
 * Environment variables as typed values. {@link io.countersign.launch.env.Environment} hands out one variable at a
 * time, remembers which were asked for and what was wrong with them, and reports everything at once.
 */
@NullMarked
package io.countersign.launch.env;

import org.jspecify.annotations.NullMarked;
