// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.KubernetesConfig.Access;
import io.countersign.agent.config.KubernetesConfig.Kubelet;
import io.countersign.agent.config.KubernetesConfig.Login;
import io.countersign.launch.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkloadAttestorSectionTest {
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    @TempDir
    private Path folder;

    private AgentConfig read(String attestor, String more) throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, """
                agent {
                  trust_domain = "example.org"
                  server_address = "localhost"
                  server_port = 8081
                  insecure_bootstrap = true
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  WorkloadAttestor %s
                }
                %s
                """.formatted(attestor, more));
        return AgentConfigFile.read(file, false, Map.of());
    }

    private AttestorConfig attestor(String name, String data) throws IOException {
        return read("\"" + name + "\" { plugin_data { " + data + " } }", "")
                .attestors()
                .getFirst();
    }

    private void refused(String words, String name, String data) {
        var refused = assertThrows(ConfigException.class, () -> attestor(name, data));
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void standardsAreThoseOfTheOriginal() throws Exception {
        var docker = (DockerConfig) read("\"docker\" {}", "").attestors().getFirst();
        assertEquals(
                new DockerConfig(
                        Path.of("/var/run/docker.sock"),
                        "",
                        Path.of("/run/podman/podman.sock"),
                        "/run/user/%d/podman/podman.sock",
                        false,
                        Optional.empty(),
                        false),
                docker);
        assertEquals(Path.of("/run/user/1000/podman/podman.sock"), docker.podmanSocketOf("1000"));
        var access = new Access.Tls(
                Optional.empty(), Optional.of(ACCOUNT.resolve("ca.crt")), new Login.Token(ACCOUNT.resolve("token")));
        assertEquals(
                new KubernetesConfig(
                        new Kubelet(10250, access, Duration.ofMinutes(1)), 60, Duration.ofMillis(500), true, false),
                attestor("k8s", "node_name_env = \"NO_SUCH_VARIABLE\""));
        assertEquals(new AttestorConfig.Systemd(), attestor("systemd", ""));
    }

    @Test
    void everySettingIsRead() throws Exception {
        assertEquals(
                new DockerConfig(
                        Path.of("/d.sock"),
                        "1.44",
                        Path.of("/p.sock"),
                        "/u/%d/%%/p.sock",
                        true,
                        Optional.of(new ContainerPatterns(List.of("/a/<id>"))),
                        true),
                attestor("docker", """
                        docker_socket_path = "unix:///d.sock"
                        docker_version = "1.44"
                        podman_socket_path = "unix:///p.sock"
                        podman_socket_path_template = "unix:///u/%d/%%/p.sock"
                        use_rootless_podman = true
                        use_new_container_locator = false
                        container_id_cgroup_matchers = ["/a/<id>"]
                        verbose_container_locator_logs = true
                        """));
        assertEquals(
                new KubernetesConfig(
                        new Kubelet(
                                10,
                                new Access.Tls(
                                        Optional.of("n"),
                                        Optional.of(Path.of("/ca")),
                                        new Login.Certificate(Path.of("/c"), Path.of("/k"))),
                                Duration.ofHours(1)),
                        3,
                        Duration.ofSeconds(1),
                        false,
                        true),
                attestor("k8s", """
                        kubelet_secure_port = 10
                        node_name = "n"
                        kubelet_ca_path = "/ca"
                        certificate_path = "/c"
                        private_key_path = "/k"
                        reload_interval = "1h"
                        max_poll_attempts = 3
                        poll_retry_interval = "1s"
                        disable_container_selectors = true
                        use_new_container_locator = true
                        verbose_container_locator_logs = true
                        """));
        var plain = (KubernetesConfig) attestor("k8s", "kubelet_read_only_port = 10255 reload_interval = \"1h\"");
        assertEquals(new Access.Plain(), plain.kubelet().access());
        var blind = (KubernetesConfig) attestor(
                "k8s", "node_name = \"n\" skip_kubelet_verification = true use_anonymous_authentication = true");
        assertEquals(
                new Access.Tls(Optional.of("n"), Optional.empty(), new Login.Anonymous()),
                blind.kubelet().access());
    }

    @Test
    void whatCannotBeUsedIsNamed() {
        refused(
                "docker_socket_path: \"tcp://localhost:1\" was found",
                "docker",
                "docker_socket_path = \"tcp://localhost:1\"");
        refused("docker_version: \"1/..\" was found", "docker", "docker_version = \"1/..\"");
        refused("template: \"unix:///a\" was found", "docker", "podman_socket_path_template = \"unix:///a\"");
        refused("template: \"unix:///%s/%d\" was", "docker", "podman_socket_path_template = \"unix:///%s/%d\"");
        refused("must not be ambiguous", "docker", """
                use_new_container_locator = false
                container_id_cgroup_matchers = ["/a/<id>", "/*/<id>"]
                """);
        refused("is there beside the new container locator", "docker", "container_id_cgroup_matchers = [\"/a/<id>\"]");
        refused("sigstore: signatures of images are not verified", "docker", "sigstore {}");
        refused("docker_soket_path: unknown key, did you mean", "docker", "docker_soket_path = \"x\"");
        refused("expected only one of them", "k8s", "kubelet_read_only_port = 1 kubelet_secure_port = 2");
        refused("private_key_path: is there alone", "k8s", "private_key_path = \"k\"");
        refused("use_new_container_locator: is false", "k8s", "use_new_container_locator = false");
        refused("poll_retry_interval: \"soon\" was found", "k8s", "poll_retry_interval = \"soon\"");
        refused("sigstore: is not supported here", "k8s", "sigstore {}");
        refused("experimental.sigstore: is not supported here", "k8s", "experimental { sigstore {} }");
        refused("enable_namespace_labels: is not supported here", "k8s", "enable_namespace_labels = true");
        refused("plugin_data.x: unknown key", "systemd", "x = 1");
    }

    @Test
    void limitsOfCallersAreOnAndCanBeChanged() throws Exception {
        var unix = "\"unix\" {}";
        assertEquals(CallerLimits.standard(), read(unix, "").callerLimits());
        assertEquals(new CallerLimits(1, 2, 3, 4, 0), read(unix, """
                        caller_limits {
                          streams_per_process = 1
                          streams_per_workload = 2
                          calls_per_process = 3
                          calls_per_workload = 4
                          attestations = 0
                        }
                        """).callerLimits());
        var refused = assertThrows(ConfigException.class, () -> read(unix, "caller_limits { attestations = -1 }"));
        assertTrue(String.valueOf(refused.getMessage()).contains("caller_limits.attestations: \"-1\" was found"));
    }
}
