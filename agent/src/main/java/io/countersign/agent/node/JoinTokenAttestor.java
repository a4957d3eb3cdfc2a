// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.protobuf.ByteString;
import io.countersign.agent.server.Server.Proof;
import java.util.Optional;

/** By a token that the server has made for this node. */
record JoinTokenAttestor(Optional<String> token) implements NodeAttestor {
    @Override
    public Proof proof() {
        var value = token.orElseThrow(() -> new NodeRefusedException(
                "this node has no valid identity and no join token; make one with \"token generate\" on the"
                        + " server and start with -joinToken"));
        return new Proof("join_token", ByteString.copyFromUtf8(value), challenge -> {
            throw new IllegalArgumentException("a join token was asked a challenge");
        });
    }

    /** Without the token, which is a secret. */
    @Override
    public String toString() {
        return "join_token";
    }
}
