// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.config.ServerConfig;
import io.countersign.server.config.ServerConfigFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code run} and {@code validate}; each overrides the key of the file that it is named after. */
final class ConfigFlags {
    private final Map<String, String> overrides = new HashMap<>();

    @Option(names = "--config", paramLabel = "FILE", description = "The server's configuration file.")
    Path config = Path.of("conf/server/server.conf");

    @Option(names = "--expandEnv", description = "Replace $NAME in the file by environment variables.")
    boolean expandEnv;

    @Option(names = "--bindAddress", description = "Address that agents connect to.")
    void bindAddress(@Nullable String value) {
        override("bind_address", value);
    }

    @Option(names = "--serverPort", description = "Port that agents connect to.")
    void serverPort(@Nullable String value) {
        override("bind_port", value);
    }

    @Option(names = "--dataDir", description = "Folder for the server's own data.")
    void dataDir(@Nullable String value) {
        override("data_dir", value);
    }

    @Option(names = "--logFile", description = "Where to log; standard error without it.")
    void logFile(@Nullable String value) {
        override("log_file", value);
    }

    @Option(names = "--logFormat", description = "text or json.")
    void logFormat(@Nullable String value) {
        override("log_format", value);
    }

    @Option(names = "--logLevel", description = "debug, info, warn or error.")
    void logLevel(@Nullable String value) {
        override("log_level", value);
    }

    @Option(
            names = "--logSourceLocation",
            description = "Say with each line of the log where in the program it comes from.")
    void logSourceLocation(boolean value) {
        override("log_source_location", Boolean.toString(value));
    }

    @Option(names = "--trustDomain", description = "The trust domain.")
    void trustDomain(@Nullable String value) {
        override("trust_domain", value);
    }

    @Option(names = "--socketPath", description = "Where to open the local socket.")
    void socketPath(@Nullable String value) {
        override("socket_path", value);
    }

    private void override(String key, @Nullable String value) {
        if (value != null) {
            overrides.put(key, value);
        }
    }

    ServerConfig read() {
        return ServerConfigFile.read(config, expandEnv, overrides);
    }
}
