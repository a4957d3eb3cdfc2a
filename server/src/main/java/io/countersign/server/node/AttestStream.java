// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.launch.Excerpt;
import io.countersign.rpc.Peer;
import io.countersign.server.caller.CallLimits;
import io.countersign.server.caller.CallLimits.Limit;
import io.countersign.server.node.NodeAttestor.Step;
import io.countersign.server.svid.SigningRequest;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;

/**
 * The conversation with one node: it shows what it has, answers as many challenges as its attestor asks, and gets its
 * certificate. The stream calls from one thread at a time.
 */
final class AttestStream implements StreamObserver<AttestAgentRequest> {
    /** In bytes, of which certificates, tokens and a TPM's words need some thousand. Whoever waits holds what he has sent. */
    private static final int LARGEST_REQUEST = 256 << 10;

    private static final int LONGEST_TYPE_TOLD = 128;

    private final List<NodeAttestor> attestors;
    private final Admission admission;
    private final CallLimits limits;
    private final Peer peer;
    private final StreamObserver<AttestAgentResponse> response;
    private State state = new State.Fresh();

    private sealed interface State {
        record Fresh() implements State {}

        record Asked(Claim claim, Step.Challenge challenge) implements State {}

        record Ended() implements State {}
    }

    /** Who the node says to be, by which attestor, and what it wants signed. */
    private record Claim(NodeAttestor attestor, SigningRequest wanted) {}

    AttestStream(
            List<NodeAttestor> attestors,
            Admission admission,
            CallLimits limits,
            Peer peer,
            StreamObserver<AttestAgentResponse> response) {
        this.attestors = attestors;
        this.admission = admission;
        this.limits = limits;
        this.peer = peer;
        this.response = response;
    }

    @Override
    public void onNext(AttestAgentRequest request) {
        var before = state;
        // whatever fails now, no later message of this stream counts
        state = new State.Ended();
        switch (before) {
            case State.Fresh() -> {
                requireSmall(request);
                limits.take(Limit.ATTESTATION, 1, "attest agent");
                var claim = claim(request);
                go(claim, claim.attestor().begin(request.getParams().getData().getPayload(), peer));
            }
            case State.Asked(var claim, var challenge) -> {
                requireSmall(request);
                go(claim, challenge.answer().apply(request.getChallengeResponse()));
            }
            case State.Ended() -> {}
        }
    }

    private static void requireSmall(AttestAgentRequest request) {
        int size = request.getSerializedSize();
        if (size > LARGEST_REQUEST) {
            throw invalid(
                    "malformed param: a request of " + size + " bytes, expected at most " + LARGEST_REQUEST + " bytes");
        }
    }

    private void go(Claim claim, Step step) {
        switch (step) {
            case Step.Challenge challenge -> {
                state = new State.Asked(claim, challenge);
                response.onNext(AttestAgentResponse.newBuilder()
                        .setChallenge(challenge.challenge())
                        .build());
            }
            case Step.Proven proven -> {
                var svid = admission.admit(proven, claim.attestor().type(), claim.wanted());
                response.onNext(AttestAgentResponse.newBuilder()
                        .setResult(AttestAgentResponse.Result.newBuilder()
                                .setSvid(svid)
                                .setReattestable(proven.canReattest()))
                        .build());
                response.onCompleted();
            }
        }
    }

    private Claim claim(AttestAgentRequest request) {
        if (!request.hasParams()) {
            throw invalid("malformed param: missing params");
        }
        var params = request.getParams();
        if (!params.hasData()) {
            throw invalid("malformed param: missing attestation data");
        }
        if (!params.hasParams()) {
            throw invalid("malformed param: missing X509-SVID parameters");
        }
        if (params.getParams().getCsr().isEmpty()) {
            throw invalid("malformed param: missing CSR");
        }
        var type = params.getData().getType();
        if (type.isEmpty()) {
            throw invalid("malformed param: missing attestation data type");
        }
        if (params.getData().getPayload().isEmpty()) {
            throw invalid("malformed param: missing attestation data payload");
        }
        var attestor = attestors.stream()
                .filter(each -> each.type().equals(type))
                .findAny()
                .orElseThrow(() -> Status.FAILED_PRECONDITION
                        .withDescription("error getting node attestor: could not find node attestor type \""
                                + Excerpt.of(type, LONGEST_TYPE_TOLD) + "\"")
                        .asRuntimeException());
        return new Claim(attestor, csr(params.getParams().getCsr()));
    }

    /** @throws io.grpc.StatusRuntimeException if it is none, or its sender does not hold its key */
    static SigningRequest csr(ByteString der) {
        try {
            return SigningRequest.parse(der.toByteArray());
        } catch (IllegalArgumentException e) {
            throw invalid("failed to parse CSR: " + e.getMessage());
        }
    }

    // the agent has gone: there is nothing to undo
    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
        switch (state) {
            case State.Fresh() -> throw invalid("failed to receive request from stream: EOF");
            case State.Asked _ ->
                throw Status.INTERNAL
                        .withDescription("failed to receive challenge from agent: EOF")
                        .asRuntimeException();
            case State.Ended() -> {}
        }
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
