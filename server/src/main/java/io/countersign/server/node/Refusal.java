// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import io.grpc.Status;
import io.grpc.Status.Code;

/** Why an attestor does not let a node in. */
final class Refusal {
    private Refusal() {}

    /** With the name of the attestor in front, as SPIRE says what its plugins say. */
    static RuntimeException of(String attestor, Code code, String why) {
        return Status.fromCode(code)
                .withDescription("nodeattestor(" + attestor + "): " + why)
                .asRuntimeException();
    }
}
