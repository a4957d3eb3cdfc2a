// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.authz;

import com.google.protobuf.ByteString;

/** What a service is told of a request's body. */
public sealed interface Body {
    /** Nothing, since there is none or the file does not want it. */
    record Untold() implements Body {}

    /** @param partial whether there is more */
    record Told(ByteString bytes, boolean partial) implements Body {}
}
