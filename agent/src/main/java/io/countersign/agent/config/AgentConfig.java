// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.launch.LogSettings;
import io.countersign.launch.audit.AuditSettings;
import io.countersign.launch.health.HealthSettings;
import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.plugin.node.AgentNodeAttestor;
import io.countersign.plugin.workload.WorkloadAttestor;
import io.countersign.spiffe.SpiffeId;
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
 * @param rebootstrap what to do about a server whose authority the bundle does not have any more
 * @param availabilityTarget how much of its life a certificate is to have left at least, if the server issues long ones
 * @param syncInterval between two questions to the server
 * @param deltaSync whether only changed entries are transferred
 * @param unauthenticatedVerifiers whether a program without an entry gets the bundle of the trust domain
 * @param foreignClaims which claims of other trust domains' tokens are told, beside the standard ones
 * @param loggedSelectors how selectors begin that the log may show of a program that is refused, such as {@code k8s:ns}
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
        Optional<Admin> admin,
        boolean unauthenticatedVerifiers,
        Set<String> foreignClaims,
        Rebootstrap rebootstrap,
        Optional<Duration> availabilityTarget,
        Tokens tokens,
        Duration syncInterval,
        boolean deltaSync,
        List<AttestorConfig> attestors,
        CallerLimits callerLimits,
        Optional<HealthSettings> health,
        Optional<TelemetrySettings> telemetry,
        Optional<AuditSettings> audit,
        Optional<SvidCache> svidCache,
        List<String> loggedSelectors,
        LogSettings log) {
    public AgentConfig {
        foreignClaims = Set.copyOf(foreignClaims);
        attestors = List.copyOf(attestors);
        loggedSelectors = List.copyOf(loggedSelectors);
    }

    /** By what a node proves itself. */
    public sealed interface NodeAttestorConfig {
        /**
         * @param token for the first time only; nothing for a node that has its identity already
         * @param file where another may be put, should the server have forgotten the node
         */
        record JoinToken(Optional<String> token, Optional<Path> file) implements NodeAttestorConfig {
            public JoinToken(Optional<String> token) {
                this(token, Optional.empty());
            }
        }

        /**
         * A certificate that the node has from elsewhere, in PEM files.
         *
         * @param certificate the node's own, with intermediates behind it if there are some
         * @param intermediates more of them
         */
        record X509Pop(Path privateKey, Path certificate, Optional<Path> intermediates) implements NodeAttestorConfig {}

        /**
         * The SVID that another agent gives this one by the Workload API.
         *
         * @param address like {@code unix:///run/agent.sock}
         */
        record X509PopSvid(String address) implements NodeAttestorConfig {}

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

    /**
     * What to do about a server that none of the bundle's authorities vouches for.
     *
     * @param delay for how long that has to last before the bootstrap is believed again
     */
    public record Rebootstrap(RebootstrapMode mode, Duration delay) {
        public static final Rebootstrap STANDARD = new Rebootstrap(RebootstrapMode.NEVER, Duration.ofMinutes(10));
    }

    public enum RebootstrapMode {
        NEVER,
        /** If this node may prove itself again. */
        AUTO,
        /** As AUTO, and a node that may not does not start. */
        ALWAYS
    }

    /**
     * How JWT-SVIDs are kept.
     *
     * @param most how many
     * @param patience for the server, where one that is still valid could be given instead
     * @param firstPatience for the server, where there is none to be given
     */
    public record Tokens(int most, Duration patience, Duration firstPatience) {
        public static final Tokens STANDARD = new Tokens(1000, Duration.ofSeconds(30), Duration.ofSeconds(30));
    }

    /**
     * The block {@code svid_cache}, which is ours: what this node holds, on disk.
     *
     * @param keyFile what it is sealed with: 32 bytes in base64, for the agent's user alone
     */
    public record SvidCache(Path path, Path keyFile) {}

    /** The names by which SDS clients ask for what they cannot name by a SPIFFE ID. */
    public record SdsNames(String svid, String bundle, String allBundles, boolean plainValidation) {}

    /**
     * The socket for operators.
     *
     * @param delegates the identities that let a process get those of others there
     */
    public record Admin(Path socket, Set<SpiffeId> delegates) {
        public Admin {
            delegates = Set.copyOf(delegates);
        }
    }

    /** What the public socket serves. */
    public record Services(boolean workloadApi, boolean sds) {
        /** Whether there is such a socket at all. */
        public boolean any() {
            return workloadApi || sds;
        }
    }

    /** One workload attestor and its settings. */
    public sealed interface AttestorConfig
            permits AttestorConfig.Unix,
                    AttestorConfig.Jvm,
                    AttestorConfig.Systemd,
                    AttestorConfig.Plugin,
                    DockerConfig,
                    KubernetesConfig {
        /** @param sizeLimit in bytes; 0 for none, negative for no hash at all */
        record Unix(boolean discoverPath, long sizeLimit) implements AttestorConfig {}

        /** @param claimsSuffice whether an entry may be matched by nothing but a process's word about itself */
        record Jvm(boolean claimsSuffice) implements AttestorConfig {}

        record Systemd() implements AttestorConfig {}

        /** One that comes in a jar. */
        record Plugin(String name, WorkloadAttestor attestor) implements AttestorConfig {}
    }
}
