// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.server.Server.Proof;
import java.io.IOException;

/** The way in which this node proves itself. */
sealed interface NodeAttestor
        permits HttpChallengeAttestor,
                JoinTokenAttestor,
                K8sPsatAttestor,
                PluginAttestor,
                SshPopAttestor,
                X509PopAttestor,
                X509PopSvidAttestor {
    static NodeAttestor of(NodeAttestorConfig config) {
        return switch (config) {
            case NodeAttestorConfig.JoinToken token -> new JoinTokenAttestor(token);
            case NodeAttestorConfig.HttpChallenge place -> new HttpChallengeAttestor(place);
            case NodeAttestorConfig.K8sPsat token -> new K8sPsatAttestor(token);
            case NodeAttestorConfig.Plugin plugin -> new PluginAttestor(plugin);
            case NodeAttestorConfig.SshPop files -> new SshPopAttestor(files);
            case NodeAttestorConfig.X509Pop files -> new X509PopAttestor(files);
            case NodeAttestorConfig.X509PopSvid place -> new X509PopSvidAttestor(place);
        };
    }

    /**
     * For one attempt, at whose end it is to be closed.
     *
     * @throws NodeRefusedException if there is nothing to prove the node with
     * @throws AwayException if somebody else has it and does not give it now
     * @throws IOException if what there is cannot be read
     */
    Proof proof() throws IOException;
}
