// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import com.google.protobuf.Message;
import io.countersign.server.role.RoleCheck.CallCheck;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ServerCall;

/** Answers with what the caller may see. */
final class NarrowedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final CallCheck check;

    NarrowedCall(ServerCall<Q, A> call, CallCheck check) {
        super(call);
        this.check = check;
    }

    @Override
    @SuppressWarnings("unchecked") // what is left of a message has its type
    public void sendMessage(A answer) {
        super.sendMessage(answer instanceof Message message ? (A) check.answer(message) : answer);
    }
}
