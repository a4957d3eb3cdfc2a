// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import io.grpc.Status;

/** The one kind of resource that is served here. */
final class SecretType {
    static final String URL = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    private SecretType() {}

    /** @throws io.grpc.StatusRuntimeException if another kind is asked for; none named is this one */
    static void require(String url) {
        if (!url.isEmpty() && !url.equals(URL)) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("type \"" + url + "\" is not served; expected " + URL)
                    .asRuntimeException();
        }
    }
}
