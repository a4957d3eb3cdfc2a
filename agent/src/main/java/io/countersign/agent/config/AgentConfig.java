// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.launch.LogSettings;
import io.countersign.launch.health.HealthSettings;
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
 * @param joinToken proves this node to the server, the first time only
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
        Optional<String> joinToken,
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
