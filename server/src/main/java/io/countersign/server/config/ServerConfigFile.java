// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.launch.audit.AuditSection;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.launch.config.FlaggedBlock;
import io.countersign.launch.health.HealthSettings;
import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.server.config.ServerConfig.Datastore;
import io.countersign.server.config.ServerConfig.Lives;
import io.countersign.server.config.ServerConfig.NodePruning;
import io.countersign.server.config.ServerConfig.Oversight;
import io.countersign.server.config.ServerConfig.RateLimits;
import io.countersign.server.config.ServerConfig.Signing;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads SPIRE's server.conf, with the flags of the command line in front of it. All problems come in one report. */
public final class ServerConfigFile {
    private static final String NOT_SUPPORTED = "is a setting of the original that is not supported here; remove it";
    private static final String NO_AUDIT_LINES =
            "is a setting of the original, whose lines among the log are not written "
                    + "here; remove it and write audit { file = \"…\" } beside server { … }";
    private static final List<String> UNSUPPORTED = List.of(
            "max_attested_node_info_staleness",
            "profiling_enabled",
            "profiling_freq",
            "profiling_names",
            "profiling_port",
            "proxy_protocol_trusted_cidrs");
    private static final String PRUNING = "prune_attested_nodes_expired_for";
    private static final String PRUNING_AT_ONCE = "prune_attested_nodes_batch_size";
    private static final String PRUNING_FIRST_USES = "prune_tofu_nodes";
    private static final int PRUNED_AT_ONCE = 1_000;
    private static final int STANDARD_PORT = 8081;
    private static final Duration SHORTEST_AUTHORITY = Duration.ofSeconds(30);

    private final ConfigBlock root;
    private final ConfigBlock server;
    private final FlaggedBlock settings;
    private final Notices notices = new Notices();

    private ServerConfigFile(ConfigBlock root, ConfigBlock server, Map<String, String> flags) {
        this.root = root;
        this.server = server;
        this.settings = new FlaggedBlock(server, flags);
    }

    /**
     * @param flags by the key that they override, such as {@code bind_port}
     * @throws ConfigException with every problem that was found
     */
    public static ServerConfig read(Path file, boolean expandEnv, Map<String, String> flags) {
        var root = ConfigFile.parse(file, expandEnv);
        var server = root.block("server");
        if (server.isEmpty()) {
            root.problem("server", "expected a block server { … }");
            root.check();
        }
        return new ServerConfigFile(root, server.orElseThrow(), flags).read();
    }

    private ServerConfig read() {
        UNSUPPORTED.forEach(key -> server.refuse(key, NOT_SUPPORTED));
        if (server.bool("audit_log_enabled", false)) {
            server.problem("audit_log_enabled", NO_AUDIT_LINES);
        }
        ExperimentalSection.read(server, notices);
        var trustDomain = trustDomain();
        var dataDir = Path.of(settings.required("data_dir"));
        var plugins = new PluginSection(root, dataDir, notices);
        var oversight = new Oversight(
                AuditSection.read(root), RoleSection.read(root, trustDomain), TelemetrySettings.read(root));
        var config = new ServerConfig(
                trustDomain,
                address(),
                Path.of(settings.text("socket_path").orElse("/tmp/spire-server/private/api.sock")),
                admins(oversight),
                lives(),
                signing(plugins.upstream()),
                new Datastore(plugins.database(), dataDir, pruning()),
                plugins.keys(),
                plugins.nodeAttestors(trustDomain.name()),
                plugins.bundleConfigMaps(),
                FederationSection.read(server, trustDomain, notices),
                rateLimits(),
                HealthSettings.read(root),
                settings.log(),
                oversight,
                notices.all());
        root.check();
        return config;
    }

    private RateLimits rateLimits() {
        return server.block("ratelimit")
                .map(limits -> new RateLimits(limits.bool("attestation", true), limits.bool("signing", true)))
                .orElse(new RateLimits(true, true));
    }

    private TrustDomain trustDomain() {
        var name = settings.required("trust_domain");
        try {
            return TrustDomain.parse(name);
        } catch (IllegalArgumentException e) {
            if (!name.isEmpty()) {
                server.problem("trust_domain", String.valueOf(e.getMessage()));
            }
            return new TrustDomain("invalid");
        }
    }

    private InetSocketAddress address() {
        var host = settings.text("bind_address").orElse("0.0.0.0");
        int port = settings.port("bind_port").orElse(STANDARD_PORT);
        var address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            server.problem("bind_address", "\"" + host + "\" is no address of this machine, expected one like 0.0.0.0");
        }
        return address;
    }

    /** With those who have a role: they are administrators within it. */
    private Set<SpiffeId> admins(Oversight oversight) {
        var admins = new HashSet<SpiffeId>();
        oversight.roles().ifPresent(roles -> roles.roles().forEach(role -> admins.addAll(role.members())));
        for (var text : server.strings("admin_ids")) {
            try {
                admins.add(SpiffeId.parse(text));
            } catch (IllegalArgumentException e) {
                server.problem("admin_ids", String.valueOf(e.getMessage()));
            }
        }
        return admins;
    }

    private Lives lives() {
        var x509 = life("default_x509_svid_ttl", Duration.ofHours(1));
        var authority = life("ca_ttl", Duration.ofHours(24));
        if (authority.compareTo(SHORTEST_AUTHORITY) < 0) {
            server.problem("ca_ttl", authority.toSeconds() + "s was found, expected at least 30s");
        }
        return new Lives(life("agent_ttl", x509), x509, life("default_jwt_svid_ttl", Duration.ofMinutes(5)), authority);
    }

    private Duration life(String key, Duration absent) {
        var life = server.duration(key, absent);
        if (life.toSeconds() < 1) {
            server.problem(key, "\"" + server.string(key, "") + "\" was found, expected a second or more");
            return absent;
        }
        return life;
    }

    private Optional<NodePruning> pruning() {
        int atOnce = server.integer(PRUNING_AT_ONCE, PRUNED_AT_ONCE);
        boolean withFirstUses = server.bool(PRUNING_FIRST_USES, false);
        if (server.string(PRUNING).isPresent()) {
            // less than one is as with the original
            return Optional.of(
                    new NodePruning(life(PRUNING, Duration.ZERO), withFirstUses, atOnce < 1 ? PRUNED_AT_ONCE : atOnce));
        }
        for (var key : List.of(PRUNING_AT_ONCE, PRUNING_FIRST_USES)) {
            if (server.string(key).isPresent()) {
                server.problem(key, "changes nothing without " + PRUNING + "; add that or remove this");
            }
        }
        return Optional.empty();
    }

    private Signing signing(Optional<UpstreamSettings> upstream) {
        var x509 = keyType("ca_key_type", KeyType.EC_P256);
        return new Signing(
                x509,
                keyType("jwt_key_type", x509),
                subject(),
                settings.text("jwt_issuer"),
                settings.flag("disable_jwt_svids"),
                upstream);
    }

    private KeyType keyType(String key, KeyType absent) {
        var word = settings.text(key);
        return word.isEmpty()
                ? absent
                : KeyType.named(word.get()).orElseGet(() -> {
                    server.problem(
                            key, "\"" + word.get() + "\" was found, expected one of " + List.of(KeyType.values()));
                    return absent;
                });
    }

    private CaSubject subject() {
        return server.block("ca_subject")
                .map(block -> new CaSubject(
                        block.strings("country"), block.strings("organization"), block.string("common_name", "")))
                // a block that says nothing stands for the standard, as with the original
                .filter(subject -> !subject.isEmpty())
                .orElse(CaSubject.STANDARD);
    }
}
