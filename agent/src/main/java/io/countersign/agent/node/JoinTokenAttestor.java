// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.protobuf.ByteString;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.JoinToken;
import io.countersign.agent.server.Server.Proof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** By a token that the server has made for this node; one in a file is read anew for each attempt. */
record JoinTokenAttestor(JoinToken settings) implements NodeAttestor {
    @Override
    public Proof proof() throws IOException {
        var value = token().orElseThrow(() -> new NodeRefusedException(
                "this node has no valid identity and no join token; make one with \"token generate\" on the"
                        + " server and start with -joinToken"));
        return new Proof("join_token", ByteString.copyFromUtf8(value), challenge -> {
            throw new IllegalArgumentException("a join token was asked a challenge");
        });
    }

    private Optional<String> token() throws IOException {
        if (settings.file().isEmpty()) {
            return settings.token();
        }
        Path file = settings.file().get();
        return Optional.of(PlainFile.read(
                        "join_token_file", file, () -> Files.readString(file).strip()))
                .filter(text -> !text.isEmpty());
    }

    /** Without the token, which is a secret. */
    @Override
    public String toString() {
        return "join_token";
    }
}
