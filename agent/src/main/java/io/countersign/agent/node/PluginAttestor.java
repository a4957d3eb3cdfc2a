// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.protobuf.ByteString;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.Plugin;
import io.countersign.agent.server.Server.Proof;
import java.io.IOException;

/** By what a plugin shows. */
record PluginAttestor(Plugin plugin) implements NodeAttestor {
    @Override
    public Proof proof() throws IOException {
        var proof = plugin.attestor().prove();
        return new Proof(
                plugin.name(),
                ByteString.copyFrom(proof.payload()),
                question -> ByteString.copyFrom(proof.answer(question.toByteArray())),
                proof::close);
    }
}
