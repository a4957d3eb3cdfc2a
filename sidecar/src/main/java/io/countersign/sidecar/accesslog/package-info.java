// SPDX-License-Identifier: Apache-2.0
/** Writes one line for each request or connection. */
@NullMarked
package io.countersign.sidecar.accesslog;

import org.jspecify.annotations.NullMarked;
