// SPDX-License-Identifier: Apache-2.0
/** The configuration files of the parts. */
@NullMarked
package io.countersign.stack.config;

import org.jspecify.annotations.NullMarked;
