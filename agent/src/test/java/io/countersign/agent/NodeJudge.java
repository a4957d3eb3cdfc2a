// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.protobuf.ByteString;
import io.countersign.serverapi.agent.AttestAgentRequest;
import java.util.Optional;

/** What a server makes of a node that proves itself by something else than a token. */
interface NodeJudge {
    /** The one for the attestor that the node names; nothing for tokens. */
    static Optional<NodeJudge> of(AttestAgentRequest.Params params) {
        return switch (params.getData().getType()) {
            case "x509pop" -> Optional.of(PopJudge.of(params));
            case "sshpop" -> Optional.of(SshJudge.of(params));
            case "http_challenge" -> Optional.of(HttpJudge.of(params));
            case "k8s_psat" ->
                Optional.of(new PsatJudge(params.getData().getPayload().toStringUtf8()));
            case "acme" ->
                Optional.of(new AcmeJudge(params.getData().getPayload().toStringUtf8()));
            default -> Optional.empty();
        };
    }

    /** Nothing if what was shown is enough. */
    Optional<ByteString> challenge();

    /** Throws AssertionError if the answer is not good. */
    void judge(ByteString answer);
}
