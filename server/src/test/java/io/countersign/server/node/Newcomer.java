// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.server.Replies;
import io.countersign.server.Request;
import io.countersign.server.TestServer;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import java.util.function.UnaryOperator;

/** A node that wants in, and says what the test says. */
record Newcomer(TestServer server, String attestor) {
    /** @param reattestable as the server says */
    record Admitted(X509Svid svid, boolean reattestable) {}

    /** @param answer to a challenge, should it come to one */
    Admitted attest(String payload, UnaryOperator<String> answer) throws Exception {
        var request = Request.bare();
        var replies = converse(request, payload, answer);
        var result = replies.next().getResult();
        var end = replies.end();
        if (end.isPresent()) {
            throw new AssertionError(end.get());
        }
        return new Admitted(TestServer.svid(result.getSvid(), request.keys()), result.getReattestable());
    }

    /** How it ends. */
    Status refusal(String payload, UnaryOperator<String> answer) throws Exception {
        var end = converse(Request.bare(), payload, answer).end();
        return Status.fromThrowable(end.orElseThrow(() -> new AssertionError("it was let in")));
    }

    private Replies<AttestAgentResponse> converse(Request request, String payload, UnaryOperator<String> answer)
            throws Exception {
        var replies = new Replies<AttestAgentResponse>();
        var requests = TestServer.waiting(AgentGrpc.newStub(server.anonymous())).attestAgent(replies);
        requests.onNext(TestServer.attestation(attestor, payload, request.der()));
        if (replies.endsOrAnswers() && replies.peek().hasChallenge()) {
            var challenge = replies.next().getChallenge().toStringUtf8();
            requests.onNext(AttestAgentRequest.newBuilder()
                    .setChallengeResponse(ByteString.copyFromUtf8(answer.apply(challenge)))
                    .build());
        }
        return replies;
    }
}
