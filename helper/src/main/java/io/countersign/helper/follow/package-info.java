// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps the files as new as what the agent says, for as long as the program runs.
 */
@NullMarked
package io.countersign.helper.follow;

import org.jspecify.annotations.NullMarked;
