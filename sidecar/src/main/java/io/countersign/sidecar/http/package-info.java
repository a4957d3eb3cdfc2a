// SPDX-License-Identifier: Apache-2.0
/** Takes requests, decides, and carries them to an upstream and back. */
@NullMarked
package io.countersign.sidecar.http;

import org.jspecify.annotations.NullMarked;
