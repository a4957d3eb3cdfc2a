// SPDX-License-Identifier: Apache-2.0
/** When an authority gets a successor, and the states that it goes through. */
@NullMarked
package io.countersign.ca.rotation;

import org.jspecify.annotations.NullMarked;
