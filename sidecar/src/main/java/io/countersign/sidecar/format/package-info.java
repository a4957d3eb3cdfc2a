// SPDX-License-Identifier: Apache-2.0
/** Texts with operators such as {@code %RESPONSE_CODE%}, for access logs and added headers. */
@NullMarked
package io.countersign.sidecar.format;

import org.jspecify.annotations.NullMarked;
