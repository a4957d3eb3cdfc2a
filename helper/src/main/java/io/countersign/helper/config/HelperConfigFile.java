// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.health.HealthSettings;
import io.countersign.helper.notify.CommandWords;
import io.countersign.helper.notify.Notification;
import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads spiffe-helper's helper.conf, and our own block in it, in HCL or JSON. All problems come in one report. */
public final class HelperConfigFile {
    private static final int STANDARD_HEALTH_PORT = 8081;
    private static final int LAST_PORT = 65535;

    private final ConfigBlock root;
    private final Map<String, String> environment;
    private final boolean daemon;
    private final List<String> warnings = new ArrayList<>();

    private HelperConfigFile(ConfigBlock root, Optional<Boolean> daemonFlag, Map<String, String> environment) {
        this.root = root;
        this.environment = environment;
        boolean inFile = root.bool("daemon_mode", true);
        this.daemon = daemonFlag.orElse(inFile);
    }

    /**
     * @param daemonFlag what the command line says; it overrides {@code daemon_mode}
     * @param environment says where the agent is, if the file does not
     * @throws ConfigException with every problem that was found
     */
    public static HelperConfig read(ConfigBlock file, Optional<Boolean> daemonFlag, Map<String, String> environment) {
        return new HelperConfigFile(file, daemonFlag, environment).read();
    }

    private HelperConfig read() {
        new OldKeys(root, warnings).read();
        var address = new AgentAddress(root, environment, warnings).read();
        var files = new FileSection(root, warnings);
        var section = new IdentitySection(root, files, daemon);
        var identities = section.read();
        var jwtBundle = files.jwtBundle(section.id(), section.ownership());
        var jwtTokens = files.jwtTokens(section.id(), section.ownership());
        if (!files.any()) {
            root.problem(
                    "svid_file_name",
                    "no file is asked for, expected svid_file_name with svid_key_file_name and svid_bundle_file_name,"
                            + " or jwt_svids, or jwt_bundle_file_name");
        }
        var notification = notification(identities);
        var health = health();
        var log = log();
        root.check();
        return new HelperConfig(
                address, daemon, identities, jwtBundle, jwtTokens, notification, health, section.ours(), log, warnings);
    }

    private Notification notification(List<Identity> identities) {
        var command = command();
        var signal = SignalKey.read(root, "renew_signal");
        var pidFile = root.string("pid_file_name").map(Path::of);
        if (pidFile.isPresent() && !daemon) {
            root.problem("pid_file_name", "works in daemon mode only; remove it or set daemon_mode = true");
        }
        if (pidFile.isPresent() && root.string("renew_signal").isEmpty()) {
            root.problem("pid_file_name", "is given without renew_signal, expected a signal such as SIGHUP");
        }
        if (!daemon) {
            for (var key : List.of("cmd", "renew_signal")) {
                if (root.string(key).isPresent()) {
                    warnings.add("%1$s is set but daemon_mode is false. %1$s will be ignored.".formatted(key));
                }
            }
            return Notification.NOBODY;
        }
        warnIfUseless("cmd", "runs for X.509 files only, and none are asked for", identities.isEmpty());
        warnIfUseless("pid_file_name", "is used for X.509 files only, and none are asked for", identities.isEmpty());
        warnIfUseless("cmd_args", "is given without cmd", root.string("cmd").isEmpty());
        warnIfUseless(
                "renew_signal",
                "is given without cmd or pid_file_name, so nobody gets it",
                command.isEmpty() && pidFile.isEmpty());
        return new Notification(command, signal, signal.isPresent() ? pidFile : Optional.empty());
    }

    private void warnIfUseless(String key, String why, boolean useless) {
        if (useless && root.string(key).isPresent()) {
            warnings.add("%s %s; it has no effect".formatted(key, why));
        }
    }

    private List<String> command() {
        var words = new ArrayList<String>();
        root.string("cmd").ifPresent(words::add);
        var arguments = root.string("cmd_args").orElse("");
        try {
            var split = CommandWords.split(arguments);
            return words.isEmpty() ? List.of() : concat(words, split);
        } catch (IllegalArgumentException e) {
            root.problem("cmd_args", String.valueOf(e.getMessage()));
            return words;
        }
    }

    private static List<String> concat(List<String> words, List<String> more) {
        words.addAll(more);
        return words;
    }

    private Optional<HealthSettings> health() {
        return root.block("health_checks").flatMap(block -> {
            boolean enabled = block.bool("listener_enabled", false);
            int given = block.integer("bind_port", 0);
            if (given < 0 || given > LAST_PORT) {
                block.problem("bind_port", "\"" + given + "\" is no port, expected 1 to " + LAST_PORT);
            }
            var live = path(block, "liveness_path", "/live");
            var ready = path(block, "readiness_path", "/ready");
            if (live.equals(ready)) {
                block.problem("readiness_path", "\"" + ready + "\" is the liveness_path as well, expected another");
            }
            int port = given == 0 ? STANDARD_HEALTH_PORT : given;
            return enabled ? Optional.of(new HealthSettings(port, live, ready)) : Optional.empty();
        });
    }

    private static String path(ConfigBlock block, String key, String absent) {
        var path = block.string(key, absent);
        if (!path.startsWith("/")) {
            block.problem(key, "\"" + path + "\" was found, expected a path that begins with /");
        }
        return path;
    }

    private LogSettings log() {
        var standard = LogSettings.standard();
        try {
            var level = root.string("log_level").map(LogSettings::level).orElse(standard.level());
            return new LogSettings(level, standard.format(), standard.file());
        } catch (IllegalArgumentException e) {
            root.problem("log_level", String.valueOf(e.getMessage()));
            return standard;
        }
    }
}
