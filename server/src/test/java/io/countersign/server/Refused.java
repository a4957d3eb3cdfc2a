// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.InvalidProtocolBufferException;
import io.countersign.serverapi.types.PermissionDeniedDetails;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;
import org.junit.jupiter.api.function.Executable;

/** Calls that must fail. */
public final class Refused {
    private Refused() {}

    /** What the refusal says. */
    public static String with(Code code, Executable call) {
        var status = assertThrows(StatusRuntimeException.class, call).getStatus();
        assertEquals(code, status.getCode(), status::toString);
        return String.valueOf(status.getDescription());
    }

    /** The reason that an agent acts on. */
    public static Reason reason(Executable call) throws InvalidProtocolBufferException {
        var denied = assertThrows(StatusRuntimeException.class, call);
        assertEquals(Code.PERMISSION_DENIED, denied.getStatus().getCode(), denied::getMessage);
        var status = Optional.ofNullable(StatusProto.fromThrowable(denied)).orElseThrow();
        return status.getDetails(0).unpack(PermissionDeniedDetails.class).getReason();
    }
}
