// SPDX-License-Identifier: Apache-2.0
/** Opens listeners and builds the pipeline of each connection. */
@NullMarked
package io.countersign.sidecar.listener;

import org.jspecify.annotations.NullMarked;
