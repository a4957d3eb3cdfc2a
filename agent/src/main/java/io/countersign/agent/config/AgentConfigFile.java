// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.agent.config.AgentConfig.Services;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.launch.config.FlaggedBlock;
import io.countersign.launch.health.HealthSettings;
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
    private static final String NOT_YET = "is a setting of the original that is not supported here; remove it";
    private static final List<String> UNSUPPORTED = List.of(
            "admin_socket_path",
            "availability_target",
            "authorized_delegates",
            "rebootstrap_mode",
            "rebootstrap_delay",
            "trust_bundle_url",
            "trust_bundle_unix_socket",
            "trust_bundle_spiffe_workload_api",
            "x509_svid_cache_max_size",
            "jwt_svid_cache_max_size",
            "log_source_location",
            "log_selectors",
            "profiling_enabled",
            "profiling_port",
            "profiling_freq",
            "profiling_names");

    private final ConfigBlock root;
    private final ConfigBlock agent;
    private final FlaggedBlock settings;

    private AgentConfigFile(ConfigBlock root, ConfigBlock agent, Map<String, String> flags) {
        this.root = root;
        this.agent = agent;
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
        UNSUPPORTED.forEach(key -> agent.refuse(key, NOT_YET));
        root.refuse("telemetry", NOT_YET);
        var trustDomain = trustDomain();
        var address = settings.required("server_address");
        int port = port();
        var dataDir = Path.of(settings.text("data_dir").orElse("."));
        var socket = Path.of(settings.text("socket_path").orElse("/tmp/spire-agent/public/api.sock"));
        var plugins = new PluginSection(root);
        var joinToken = joinToken();
        var nodeAttestor = plugins.nodeAttestor(trustDomain.name());
        var bootstrap = bootstrap();
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
                joinToken
                        .<NodeAttestorConfig>map(token -> new NodeAttestorConfig.JoinToken(Optional.of(token)))
                        .orElse(nodeAttestor),
                keyType(),
                sdsNames(),
                new Services(!settings.flag("disable_workload_api"), !settings.flag("disable_sds_api")),
                settings.flag("allow_unauthenticated_verifiers"),
                Set.copyOf(agent.strings("allowed_foreign_jwt_claims")),
                syncInterval(),
                plugins.attestors(),
                HealthSettings.read(root),
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

    private Optional<String> joinToken() {
        var token = settings.text("join_token");
        var file = settings.text("join_token_file");
        if (token.isPresent() && file.isPresent()) {
            agent.problem("join_token_file", "is given beside join_token, expected only one of them");
        }
        if (token.isPresent() || file.isEmpty()) {
            return token;
        }
        try {
            return Optional.of(Files.readString(Path.of(file.get())).strip());
        } catch (IOException e) {
            agent.problem("join_token_file", "cannot be read: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Bootstrap bootstrap() {
        boolean insecure = settings.flag("insecure_bootstrap");
        var path = settings.text("trust_bundle_path");
        var format = settings.text("trust_bundle_format").orElse("pem");
        if (insecure && path.isPresent()) {
            agent.problem("insecure_bootstrap", "is given beside trust_bundle_path, expected only one of them");
        }
        if (!insecure && path.isEmpty()) {
            agent.problem("trust_bundle_path", "is missing, expected it or insecure_bootstrap");
        }
        if (insecure || path.isEmpty()) {
            return new Bootstrap.Insecure();
        }
        return switch (format) {
            case "pem" -> new Bootstrap.PemFile(Path.of(path.get()));
            case "spiffe" -> new Bootstrap.SpiffeFile(Path.of(path.get()));
            default -> {
                agent.problem("trust_bundle_format", "\"" + format + "\" was found, expected pem or spiffe");
                yield new Bootstrap.Insecure();
            }
        };
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
        var standard = Duration.ofSeconds(5);
        var experimental = agent.block("experimental");
        experimental.ifPresent(block -> List.of(
                        "named_pipe_name",
                        "admin_named_pipe_name",
                        "use_sync_authorized_entries",
                        "jwt_svid_cache_hit_timeout",
                        "require_pq_kem",
                        "ratelimit",
                        "broker",
                        "feature_flags")
                .forEach(key -> block.refuse(key, NOT_YET)));
        return experimental.flatMap(block -> block.duration("sync_interval")).orElse(standard);
    }
}
