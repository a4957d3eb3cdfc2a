// SPDX-License-Identifier: Apache-2.0
/** What an operator does with the authorities of this one server. */
@NullMarked
package io.countersign.server.localauthority;

import org.jspecify.annotations.NullMarked;
