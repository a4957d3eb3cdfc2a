// SPDX-License-Identifier: Apache-2.0
/** The x-forwarded-client-cert header: how the program behind the sidecar learns who called. */
@NullMarked
package io.countersign.sidecar.xfcc;

import org.jspecify.annotations.NullMarked;
