// SPDX-License-Identifier: Apache-2.0
/** What a service of somebody else's decides about requests. */
@NullMarked
package io.countersign.sidecar.authz;

import org.jspecify.annotations.NullMarked;
