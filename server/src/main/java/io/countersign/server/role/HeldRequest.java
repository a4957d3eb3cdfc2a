// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import com.google.protobuf.Message;
import io.countersign.server.role.RoleCheck.CallCheck;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/** Keeps the one request of a call until it has come whole, so that a refused call does nothing at all. */
final class HeldRequest<Q> extends SimpleForwardingServerCallListener<Q> {
    private final CallCheck check;
    private @Nullable Q held;

    HeldRequest(ServerCall.Listener<Q> next, CallCheck check) {
        super(next);
        this.check = check;
    }

    @Override
    public void onMessage(Q request) {
        held = request;
    }

    @Override
    @SuppressWarnings("unchecked") // what is left of a message has its type
    public void onHalfClose() {
        if (held instanceof Message request) {
            super.onMessage((Q) check.request(request));
        }
        super.onHalfClose();
    }
}
