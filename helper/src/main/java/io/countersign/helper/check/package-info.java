// SPDX-License-Identifier: Apache-2.0
/**
 * What is on the disk, for the command {@code check}.
 */
@NullMarked
package io.countersign.helper.check;

import org.jspecify.annotations.NullMarked;
