// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the workload attestor {@code k8s}.
 *
 * @param pollInterval between two questions to the kubelet
 * @param containerSelectors whether the container must be known, and is told; if not, the pod suffices
 * @param verboseLogs whether the log says which control groups a caller is in
 */
public record KubernetesConfig(
        Kubelet kubelet, int maxPollAttempts, Duration pollInterval, boolean containerSelectors, boolean verboseLogs)
        implements AgentConfig.AttestorConfig {
    private static final int SECURE_PORT = 10250;
    private static final int ATTEMPTS = 60;
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration RELOAD = Duration.ofMinutes(1);
    private static final String ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/";
    private static final String NOT_HERE = "is not supported here; remove it";

    /**
     * Where the kubelet of this node answers.
     *
     * @param reload how often the files are read anew
     */
    public record Kubelet(int port, Access access, Duration reload) {}

    /** How the kubelet and the agent know each other. */
    public sealed interface Access {
        /** The read-only port, on this machine and without TLS. */
        record Plain() implements Access {}

        /**
         * @param node whose name the kubelet's certificate must be for; nothing for the kubelet of this machine, with
         *     whatever name
         * @param authority what its certificate leads to; nothing if it is believed as it is
         */
        record Tls(Optional<String> node, Optional<Path> authority, Login login) implements Access {}
    }

    /** By what the agent shows itself to the kubelet. */
    public sealed interface Login {
        record Anonymous() implements Login {}

        record Token(Path file) implements Login {}

        record Certificate(Path certificate, Path key) implements Login {}
    }

    static KubernetesConfig read(LabeledBlock plugin) {
        var data = PluginSection.dataOrEmpty(plugin);
        for (var key : List.of("sigstore", "enable_namespace_labels", "disable_kubelet_client")) {
            data.refuse(key, NOT_HERE);
        }
        data.block("experimental").ifPresent(experimental -> {
            for (var key : List.of("sigstore", "api_server", "broker")) {
                experimental.refuse(key, NOT_HERE);
            }
        });
        if (!data.bool("use_new_container_locator", true)) {
            data.problem("use_new_container_locator", "is false, expected true: there is no other here");
        }
        int attempts = data.integer("max_poll_attempts", 0);
        return new KubernetesConfig(
                kubelet(data),
                attempts > 0 ? attempts : ATTEMPTS,
                positive(data, "poll_retry_interval", INTERVAL),
                !data.bool("disable_container_selectors", false),
                data.bool("verbose_container_locator_logs", false));
    }

    private static Duration positive(ConfigBlock data, String key, Duration standard) {
        return data.duration(key).filter(Duration::isPositive).orElse(standard);
    }

    private static Kubelet kubelet(ConfigBlock data) {
        int readOnly = data.integer("kubelet_read_only_port", 0);
        int secure = data.integer("kubelet_secure_port", 0);
        if (readOnly > 0 && secure > 0) {
            data.problem("kubelet_read_only_port", "is there beside kubelet_secure_port, expected only one of them");
        }
        var tls = tls(data);
        var reload = positive(data, "reload_interval", RELOAD);
        return readOnly > 0
                ? new Kubelet(readOnly, new Access.Plain(), reload)
                : new Kubelet(secure > 0 ? secure : SECURE_PORT, tls, reload);
    }

    private static Access tls(ConfigBlock data) {
        var authority = file(data, "kubelet_ca_path").orElse(Path.of(ACCOUNT + "ca.crt"));
        return new Access.Tls(
                node(data),
                data.bool("skip_kubelet_verification", false) ? Optional.empty() : Optional.of(authority),
                login(data));
    }

    private static Optional<String> node(ConfigBlock data) {
        var variable = data.string("node_name_env", "MY_NODE_NAME");
        return data.string("node_name")
                .or(() -> Optional.ofNullable(System.getenv(variable)).filter(name -> !name.isEmpty()));
    }

    private static Login login(ConfigBlock data) {
        var token = file(data, "token_path").orElse(Path.of(ACCOUNT + "token"));
        var certificate = file(data, "certificate_path");
        var key = file(data, "private_key_path");
        if (certificate.isPresent() != key.isPresent()) {
            data.problem(
                    certificate.isPresent() ? "certificate_path" : "private_key_path",
                    "is there alone, expected certificate_path and private_key_path");
        }
        if (data.bool("use_anonymous_authentication", false)) {
            return new Login.Anonymous();
        }
        return certificate.isPresent() && key.isPresent()
                ? new Login.Certificate(certificate.get(), key.get())
                : new Login.Token(token);
    }

    private static Optional<Path> file(ConfigBlock data, String key) {
        return data.string(key).map(Path::of);
    }
}
