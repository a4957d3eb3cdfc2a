// SPDX-License-Identifier: Apache-2.0
/** The administration listener. */
@NullMarked
package io.countersign.sidecar.admin;

import org.jspecify.annotations.NullMarked;
