// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of the workload attestor {@code docker}.
 *
 * @param apiVersion such as 1.44; empty for the engine's own
 * @param podmanSocketTemplate with one %d for the number of a user
 * @param rootlessPodman whether the engines of users are believed; ours, as SPIRE has it after 1.15
 * @param patterns of the control groups, in place of looking for what looks like a container's ID
 * @param verboseLogs whether the log says which control groups a caller is in
 */
public record DockerConfig(
        Path dockerSocket,
        String apiVersion,
        Path podmanSocket,
        String podmanSocketTemplate,
        boolean rootlessPodman,
        Optional<ContainerPatterns> patterns,
        boolean verboseLogs)
        implements AgentConfig.AttestorConfig {
    private static final String UNIX = "unix://";
    private static final String DOCKER = "/var/run/docker.sock";
    private static final String PODMAN = "/run/podman/podman.sock";
    private static final String PODMAN_OF_USER = "unix:///run/user/%d/podman/podman.sock";

    /** The socket of the engine that this user runs. */
    public Path podmanSocketOf(String uid) {
        return Path.of(
                podmanSocketTemplate.replace("%%", "\0").replace("%d", uid).replace('\0', '%'));
    }

    /** Nothing, and noted, if this is no version: it becomes a part of what is asked for. */
    private static String version(ConfigBlock data) {
        var version = data.string("docker_version", "");
        if (!version.isEmpty() && !version.matches("\\d+\\.\\d+")) {
            data.problem("docker_version", "\"" + version + "\" was found, expected a version of the api like 1.44");
            return "";
        }
        return version;
    }

    static DockerConfig read(LabeledBlock plugin) {
        var data = PluginSection.dataOrEmpty(plugin);
        data.refuse("sigstore", "signatures of images are not verified here; remove it");
        return new DockerConfig(
                socket(data, "docker_socket_path", DOCKER),
                version(data),
                socket(data, "podman_socket_path", PODMAN),
                template(data),
                data.bool("use_rootless_podman", false),
                patterns(data),
                data.bool("verbose_container_locator_logs", false));
    }

    private static Path socket(ConfigBlock data, String key, String standard) {
        var address = data.string(key, "");
        if (address.isEmpty()) {
            return Path.of(standard);
        }
        if (!address.startsWith(UNIX + "/")) {
            data.problem(key, "\"" + address + "\" was found, expected unix:///PATH; engines elsewhere are not asked");
            return Path.of(standard);
        }
        return Path.of(address.substring(UNIX.length()));
    }

    private static String template(ConfigBlock data) {
        var key = "podman_socket_path_template";
        var written = data.string(key, "");
        var template = written.isEmpty() ? PODMAN_OF_USER : written;
        var rest = template.replace("%%", "");
        boolean usable =
                template.startsWith(UNIX + "/") && rest.contains("%d") && rest.indexOf('%') == rest.lastIndexOf('%');
        if (!usable) {
            data.problem(
                    key, "\"" + template + "\" was found, expected unix:///PATH with one %d for the user's number");
            return PODMAN_OF_USER.substring(UNIX.length());
        }
        return template.substring(UNIX.length());
    }

    private static Optional<ContainerPatterns> patterns(ConfigBlock data) {
        var key = "container_id_cgroup_matchers";
        var patterns = data.strings(key);
        boolean locator = data.bool("use_new_container_locator", true);
        if (patterns.isEmpty()) {
            return Optional.empty();
        }
        if (locator) {
            data.problem(key, "is there beside the new container locator, expected use_new_container_locator = false");
            return Optional.empty();
        }
        try {
            return Optional.of(new ContainerPatterns(patterns));
        } catch (IllegalArgumentException e) {
            data.problem(key, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
