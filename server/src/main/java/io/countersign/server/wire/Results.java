// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import io.countersign.serverapi.types.Status;
import io.grpc.Status.Code;

/** The outcome of one item of a batch. */
public final class Results {
    public static final Status OK = Status.newBuilder().setMessage("OK").build();

    private Results() {}

    public static Status of(Code code, String message) {
        return Status.newBuilder().setCode(code.value()).setMessage(message).build();
    }
}
