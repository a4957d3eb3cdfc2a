// SPDX-License-Identifier: Apache-2.0
/** The identity server: who may get which identity, and serving it. */
@NullMarked
package io.countersign.server;

import org.jspecify.annotations.NullMarked;
