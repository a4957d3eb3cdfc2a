// SPDX-License-Identifier: Apache-2.0
/**
 * What helper.conf says, as values.
 */
@NullMarked
package io.countersign.helper.config;

import org.jspecify.annotations.NullMarked;
