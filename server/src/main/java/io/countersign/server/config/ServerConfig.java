// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.key.Pkcs11Settings;
import io.countersign.ca.x509.CaSubject;
import io.countersign.datastore.DatabaseSettings;
import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.launch.LogSettings;
import io.countersign.launch.audit.AuditSettings;
import io.countersign.launch.health.HealthSettings;
import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What server.conf and the command line say.
 *
 * @param address where agents come in
 * @param socketPath where the command line and other local programs come in
 * @param admins who may do over TCP what local programs may
 * @param nodeAttestors by what nodes prove themselves, beside join tokens, which are always taken
 * @param bundleConfigMaps where the bundle is kept for agents that know nobody yet
 * @param notices what the log is to say of the file
 */
public record ServerConfig(
        TrustDomain trustDomain,
        InetSocketAddress address,
        Path socketPath,
        Set<SpiffeId> admins,
        Lives lives,
        Signing signing,
        Datastore datastore,
        Keys keys,
        List<NodeAttestorSettings> nodeAttestors,
        List<BundleConfigMap> bundleConfigMaps,
        Federation federation,
        RateLimits rateLimits,
        Optional<HealthSettings> health,
        LogSettings log,
        Oversight oversight,
        List<String> notices) {
    public ServerConfig {
        admins = Set.copyOf(admins);
        nodeAttestors = List.copyOf(nodeAttestors);
        bundleConfigMaps = List.copyOf(bundleConfigMaps);
        notices = List.copyOf(notices);
    }

    /** How long what is issued lives. */
    public record Lives(Duration agent, Duration x509Svid, Duration jwtSvid, Duration authority) {}

    /**
     * What the authorities are like.
     *
     * @param upstream nothing where they vouch for themselves
     */
    public record Signing(
            KeyType x509KeyType,
            KeyType jwtKeyType,
            CaSubject subject,
            Optional<String> jwtIssuer,
            boolean jwtDisabled,
            Optional<UpstreamSettings> upstream) {}

    /**
     * Other trust domains.
     *
     * @param endpoint where others fetch this trust domain's bundle, if they can
     * @param federatesWith relationships that no call can change; each goes before a stored one with its trust domain
     */
    public record Federation(Optional<Endpoint> endpoint, Map<TrustDomain, BundleEndpoint> federatesWith) {
        public static final Federation NONE = new Federation(Optional.empty(), Map.of());

        public Federation {
            federatesWith = Map.copyOf(federatesWith);
        }
    }

    /**
     * The bundle endpoint.
     *
     * @param refreshHint how often others are to come
     */
    public record Endpoint(InetSocketAddress address, Duration refreshHint, Serving serving) {}

    /** What the bundle endpoint shows in a handshake. */
    public sealed interface Serving {
        /** The server's own X509-SVID: profile {@code https_spiffe}. */
        record OwnSvid() implements Serving {}

        /**
         * A web server's certificate from files: profile {@code https_web}.
         *
         * @param sync how often the files are looked at
         */
        record Files(Path certificates, Path key, Duration sync) implements Serving {}
    }

    /** How it is watched what is done with the server, and who may do what. */
    public record Oversight(
            Optional<AuditSettings> audit, Optional<RoleSettings> roles, Optional<TelemetrySettings> telemetry) {
        public static final Oversight NONE = new Oversight(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Which of SPIRE's switchable limits hold for callers over TCP. */
    public record RateLimits(boolean attestation, boolean signing) {}

    /**
     * What outlives the server.
     *
     * @param dataDir the server's own folder, which holds what tells it from others that share its database
     * @param pruning which nodes are forgotten; nothing where all are kept
     */
    public record Datastore(DatabaseSettings database, Path dataDir, Optional<NodePruning> pruning) {}

    /**
     * Nodes that are forgotten, as they have not been there for long.
     *
     * @param expiredFor how long after the end of their certificates
     * @param withFirstUses whether those as well that can never come again by themselves
     * @param atOnce how many at most each time
     */
    public record NodePruning(Duration expiredFor, boolean withFirstUses, int atOnce) {}

    /** Where the authorities' keys are. */
    public sealed interface Keys {
        record Memory() implements Keys {}

        /** @param file keys.json of SPIRE's key manager {@code disk} */
        record Disk(Path file) implements Keys {}

        /** In a token, which they never leave: a key manager of ours, {@code pkcs11}. */
        record Pkcs11(Pkcs11Settings settings) implements Keys {}
    }
}
