// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.countersign.serverapi.types.PermissionDeniedDetails;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** Refusals that tell an agent what became of it: agents act on the reason, not on the words. */
public final class Denial {
    private Denial() {}

    public static StatusRuntimeException of(String message, Reason reason) {
        return StatusProto.toStatusRuntimeException(Status.newBuilder()
                .setCode(Code.PERMISSION_DENIED_VALUE)
                .setMessage(message)
                .addDetails(Any.pack(
                        PermissionDeniedDetails.newBuilder().setReason(reason).build()))
                .build());
    }
}
