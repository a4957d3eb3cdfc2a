// SPDX-License-Identifier: Apache-2.0
/** Rules that let a request in or turn it away by who asks and for what. */
@NullMarked
package io.countersign.sidecar.rbac;

import org.jspecify.annotations.NullMarked;
