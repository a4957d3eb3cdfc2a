// SPDX-License-Identifier: Apache-2.0
/** Runs the demo once and judges what it says. */
@NullMarked
package io.countersign.stack.demo;

import org.jspecify.annotations.NullMarked;
