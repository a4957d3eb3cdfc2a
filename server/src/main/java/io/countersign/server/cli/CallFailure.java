// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.rpc.CodeNames;
import io.grpc.StatusRuntimeException;
import java.util.Optional;

/** What a call that failed says, in the form in which Go's programs print it. */
final class CallFailure {
    private CallFailure() {}

    static String words(StatusRuntimeException failure) {
        var status = failure.getStatus();
        var description = Optional.ofNullable(status.getDescription()).orElse("");
        return "rpc error: code = " + CodeNames.of(status.getCode()) + " desc = " + description;
    }
}
