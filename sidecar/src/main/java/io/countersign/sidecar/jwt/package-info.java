// SPDX-License-Identifier: Apache-2.0
/** Bearer tokens of requests: whose they are and whether they are good. */
@NullMarked
package io.countersign.sidecar.jwt;

import org.jspecify.annotations.NullMarked;
