// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.launch.LogSettings;
import io.countersign.launch.health.HealthSettings;
import io.countersign.plugin.node.AgentNodeAttestor;
import io.countersign.spiffe.TrustDomain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What agent.conf and the command line say.
 *
 * @param keyDirectory where the agent's own key is kept; nowhere with the key manager {@code memory}
 * @param nodeAttestor by what this node proves itself to the server
 * @param syncInterval between two questions to the server
 * @param unauthenticatedVerifiers whether a program without an entry gets the bundle of the trust domain
 * @param foreignClaims which claims of other trust domains' tokens are told, beside the standard ones
 */
public record AgentConfig(
        TrustDomain trustDomain,
        String serverAddress,
        int serverPort,
        Path dataDir,
        Path socketPath,
        Optional<Path> keyDirectory,
        Bootstrap bootstrap,
        NodeAttestorConfig nodeAttestor,
        WorkloadKeyType workloadKeyType,
        SdsNames sdsNames,
        Services services,
        boolean unauthenticatedVerifiers,
        Set<String> foreignClaims,
        Duration syncInterval,
        List<AttestorConfig> attestors,
        Optional<HealthSettings> health,
        LogSettings log) {
    public AgentConfig {
        foreignClaims = Set.copyOf(foreignClaims);
        attestors = List.copyOf(attestors);
    }

    /** By what a node proves itself. */
    public sealed interface NodeAttestorConfig {
        /** @param token for the first time only; nothing for a node that has its identity already */
        record JoinToken(Optional<String> token) implements NodeAttestorConfig {}

        /**
         * A certificate that the node has from elsewhere, in PEM files.
         *
         * @param certificate the node's own, with intermediates behind it if there are some
         * @param intermediates more of them
         */
        record X509Pop(Path privateKey, Path certificate, Optional<Path> intermediates) implements NodeAttestorConfig {}

        /**
         * The token that Kubernetes has projected into this pod.
         *
         * @param cluster by the name that the server knows it by
         */
        record K8sPsat(String cluster, Path token) implements NodeAttestorConfig {}

        /** What a plugin from a jar shows. */
        record Plugin(String name, AgentNodeAttestor attestor) implements NodeAttestorConfig {}

        /** This host's SSH certificate and its key, as {@code ssh-keygen} writes them. */
        record SshPop(Path key, Path certificate) implements NodeAttestorConfig {}

        /**
         * The name of this host, at which the server asks back over HTTP.
         *
         * @param agentName tells agents of one host apart
         * @param port what to listen on; 0 for any that is free
         * @param advertisedPort where the server is to ask, if something stands in front; 0 for the one listened on
         */
        record HttpChallenge(String hostName, String agentName, int port, int advertisedPort)
                implements NodeAttestorConfig {}
    }

    /** The names by which SDS clients ask for what they cannot name by a SPIFFE ID. */
    public record SdsNames(String svid, String bundle, String allBundles, boolean plainValidation) {}

    /** What the public socket serves. */
    public record Services(boolean workloadApi, boolean sds) {}

    /** One workload attestor and its settings. */
    public sealed interface AttestorConfig {
        /** @param sizeLimit in bytes; 0 for none, negative for no hash at all */
        record Unix(boolean discoverPath, long sizeLimit) implements AttestorConfig {}

        /** @param claimsSuffice whether an entry may be matched by nothing but a process's word about itself */
        record Jvm(boolean claimsSuffice) implements AttestorConfig {}
    }
}
