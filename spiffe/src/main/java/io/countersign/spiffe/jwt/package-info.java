// SPDX-License-Identifier: Apache-2.0
/** JWT-SVIDs: bearer tokens that carry a SPIFFE ID, read and validated by {@link io.countersign.spiffe.jwt.JwtSvid}. */
@NullMarked
package io.countersign.spiffe.jwt;

import org.jspecify.annotations.NullMarked;
