// SPDX-License-Identifier: Apache-2.0
/** JWT authorities and the tokens that they sign. */
@NullMarked
package io.countersign.ca.jwt;

import org.jspecify.annotations.NullMarked;
