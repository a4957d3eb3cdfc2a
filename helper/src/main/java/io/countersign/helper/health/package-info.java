// SPDX-License-Identifier: Apache-2.0
/**
 * What probes are told: which files have been written.
 */
@NullMarked
package io.countersign.helper.health;

import org.jspecify.annotations.NullMarked;
