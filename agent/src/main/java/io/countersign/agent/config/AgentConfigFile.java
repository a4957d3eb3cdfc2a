// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.JoinToken;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.agent.config.AgentConfig.Services;
import io.countersign.agent.config.AgentConfig.SvidCache;
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.launch.FileFailure;
import io.countersign.launch.audit.AuditSection;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.launch.config.FlaggedBlock;
import io.countersign.launch.health.HealthSettings;
import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads SPIRE's agent.conf, with the flags of the command line in front of it. All problems come in one report. */
public final class AgentConfigFile {
    private static final String NOT_SUPPORTED = "is a setting of the original that is not supported here; remove it";
    private static final List<String> UNSUPPORTED =
            List.of("profiling_enabled", "profiling_port", "profiling_freq", "profiling_names");

    private static final List<String> EXPERIMENTS = List.of(
            "named_pipe_name", "admin_named_pipe_name", "require_pq_kem", "ratelimit", "broker", "feature_flags");
    private static final Duration STANDARD_INTERVAL = Duration.ofSeconds(5);
    private static final Duration LEAST_TARGET = Duration.ofHours(24);
    private static final Duration LEAST_PATIENCE = Duration.ofSeconds(5);

    private final ConfigBlock root;
    private final ConfigBlock agent;
    private final Optional<ConfigBlock> experimental;
    private final FlaggedBlock settings;

    private AgentConfigFile(ConfigBlock root, ConfigBlock agent, Map<String, String> flags) {
        this.root = root;
        this.agent = agent;
        this.experimental = agent.block("experimental");
        this.settings = new FlaggedBlock(agent, flags);
    }

    /**
     * @param flags by the key that they override, such as {@code server_port}
     * @throws ConfigException with every problem that was found
     */
    public static AgentConfig read(Path file, boolean expandEnv, Map<String, String> flags) {
        var root = ConfigFile.parse(file, expandEnv);
        var agent = root.block("agent");
        if (agent.isEmpty()) {
            root.problem("agent", "expected a block agent { … }");
            root.check();
        }
        return new AgentConfigFile(root, agent.orElseThrow(), flags).read();
    }

    private AgentConfig read() {
        UNSUPPORTED.forEach(key -> agent.refuse(key, NOT_SUPPORTED));
        agent.refuse(
                "x509_svid_cache_max_size",
                "is not supported: every entry of this node has its certificate ahead of time and keeps it, and none is"
                        + " dropped because nobody has asked for it lately; remove it");
        if (agent.has("retry_bootstrap")) {
            agent.problem("retry_bootstrap", "is no setting any more: it is always tried again; remove it");
        }
        var trustDomain = trustDomain();
        var address = settings.required("server_address");
        int port = port();
        var dataDir = Path.of(settings.text("data_dir").orElse("."));
        var socket = Path.of(settings.text("socket_path").orElse("/tmp/spire-agent/public/api.sock"));
        var services = new Services(!settings.flag("disable_workload_api"), !settings.flag("disable_sds_api"));
        var plugins = new PluginSection(root);
        var joinToken = joinToken();
        var nodeAttestor = plugins.nodeAttestor(trustDomain.name());
        var trust = new BootstrapSection(settings);
        var bootstrap = trust.bootstrap();
        var rebootstrap = trust.rebootstrap();
        var log = settings.log();
        var config = new AgentConfig(
                trustDomain,
                address,
                port,
                dataDir,
                socket,
                plugins.keyDirectory(),
                bootstrap,
                // a token that is given goes before whatever attestor is configured, as with the original
                joinToken.<NodeAttestorConfig>map(token -> token).orElse(nodeAttestor),
                keyType(),
                sdsNames(),
                services,
                AdminSection.read(agent, trustDomain, services.any() ? Optional.of(socket) : Optional.empty()),
                settings.flag("allow_unauthenticated_verifiers"),
                Set.copyOf(agent.strings("allowed_foreign_jwt_claims")),
                rebootstrap,
                availabilityTarget(),
                tokens(),
                syncInterval(),
                deltaSync(),
                plugins.attestors(trustDomain.name()),
                CallerLimits.read(root),
                HealthSettings.read(root),
                TelemetrySettings.read(root),
                AuditSection.read(root),
                svidCache(),
                agent.strings("log_selectors"),
                log);
        root.check();
        return config;
    }

    private TrustDomain trustDomain() {
        var name = settings.required("trust_domain");
        try {
            return TrustDomain.parse(name);
        } catch (IllegalArgumentException e) {
            if (!name.isEmpty()) {
                agent.problem("trust_domain", String.valueOf(e.getMessage()));
            }
            return new TrustDomain("invalid");
        }
    }

    private int port() {
        settings.required("server_port");
        return settings.port("server_port").orElse(1);
    }

    private Optional<JoinToken> joinToken() {
        var token = settings.text("join_token");
        var file = settings.text("join_token_file").map(Path::of);
        if (token.isPresent() && file.isPresent()) {
            agent.problem("join_token_file", "is given beside join_token, expected only one of them");
        }
        if (token.isPresent() || file.isEmpty()) {
            return token.map(given -> new JoinToken(Optional.of(given)));
        }
        try {
            var inFile = Files.readString(file.get()).strip();
            if (inFile.isEmpty()) {
                agent.problem(
                        "join_token_file",
                        "\"" + file.get()
                                + "\" is empty, expected a token; make one with \"token generate\" on the server");
            }
            return Optional.of(new JoinToken(Optional.of(inFile), file));
        } catch (IOException e) {
            agent.problem("join_token_file", "cannot be read: " + FileFailure.words(e));
            return Optional.empty();
        }
    }

    private Optional<SvidCache> svidCache() {
        return root.block("svid_cache").flatMap(block -> {
            var path = block.string("path");
            var key = block.string("key_file");
            if (path.isEmpty()) {
                block.problem("path", "is missing, expected the file to keep what this node holds");
            }
            if (key.isEmpty()) {
                block.problem("key_file", "is missing, expected a file with 32 random bytes in base64");
            }
            return path.flatMap(file -> key.map(sealing -> new SvidCache(Path.of(file), Path.of(sealing))));
        });
    }

    private Optional<Duration> availabilityTarget() {
        var target = agent.duration("availability_target");
        if (target.isPresent() && target.get().compareTo(LEAST_TARGET) < 0) {
            agent.problem(
                    "availability_target", "is " + agent.string("availability_target", "") + ", expected at least 24h");
        }
        return target;
    }

    private Tokens tokens() {
        int most = agent.integer("jwt_svid_cache_max_size", 0);
        if (most < 0) {
            agent.problem("jwt_svid_cache_max_size", "is negative, expected a number of tokens");
        }
        var patience = experimental.flatMap(block -> block.duration("jwt_svid_cache_hit_timeout"));
        if (patience.isPresent()
                && (patience.get().compareTo(LEAST_PATIENCE) < 0
                        || patience.get().compareTo(Tokens.STANDARD.patience()) >= 0)) {
            experimental.ifPresent(block -> block.problem(
                    "jwt_svid_cache_hit_timeout",
                    "is " + block.string("jwt_svid_cache_hit_timeout", "") + ", expected from 5s to less than 30s"));
        }
        return new Tokens(
                most > 0 ? most : Tokens.STANDARD.most(),
                patience.orElse(Tokens.STANDARD.patience()),
                Tokens.STANDARD.firstPatience());
    }

    private WorkloadKeyType keyType() {
        var word = settings.text("workload_x509_svid_key_type").orElse("ec-p256");
        return WorkloadKeyType.named(word).orElseGet(() -> {
            agent.problem(
                    "workload_x509_svid_key_type", "\"" + word + "\" was found, expected ec-p256, ec-p384 or rsa-2048");
            return WorkloadKeyType.EC_P256;
        });
    }

    private SdsNames sdsNames() {
        var sds = agent.block("sds");
        return new SdsNames(
                sds.flatMap(block -> block.string("default_svid_name")).orElse("default"),
                sds.flatMap(block -> block.string("default_bundle_name")).orElse("ROOTCA"),
                sds.flatMap(block -> block.string("default_all_bundles_name")).orElse("ALL"),
                sds.flatMap(block -> block.bool("disable_spiffe_cert_validation"))
                        .orElse(false));
    }

    private Duration syncInterval() {
        experimental.ifPresent(block -> EXPERIMENTS.forEach(key -> block.refuse(key, NOT_SUPPORTED)));
        return experimental.flatMap(block -> block.duration("sync_interval")).orElse(STANDARD_INTERVAL);
    }

    private boolean deltaSync() {
        return experimental
                .flatMap(block -> block.bool("use_sync_authorized_entries"))
                .orElse(true);
    }
}
