// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfigFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code run} and {@code validate}; each overrides the key of the file that it is named after. */
final class ConfigFlags {
    private final Map<String, String> overrides = new HashMap<>();

    @Option(names = "--config", paramLabel = "FILE", description = "The agent's configuration file.")
    Path config = Path.of("conf/agent/agent.conf");

    @Option(names = "--expandEnv", description = "Replace $NAME in the file by environment variables.")
    boolean expandEnv;

    @Option(names = "--dataDir", description = "Folder for the agent's own data.")
    void dataDir(@Nullable String value) {
        override("data_dir", value);
    }

    @Option(names = "--joinToken", description = "A token from the server's \"token generate\".")
    void joinToken(@Nullable String value) {
        override("join_token", value);
    }

    @Option(names = "--joinTokenFile", description = "A file that holds the token.")
    void joinTokenFile(@Nullable String value) {
        override("join_token_file", value);
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

    @Option(names = "--serverAddress", description = "Host name or address of the server.")
    void serverAddress(@Nullable String value) {
        override("server_address", value);
    }

    @Option(names = "--serverPort", description = "Port of the server.")
    void serverPort(@Nullable String value) {
        override("server_port", value);
    }

    @Option(names = "--socketPath", description = "Where to open the Workload API.")
    void socketPath(@Nullable String value) {
        override("socket_path", value);
    }

    @Option(names = "--trustBundle", description = "File with the server's CA certificates.")
    void trustBundle(@Nullable String value) {
        override("trust_bundle_path", value);
    }

    @Option(names = "--trustBundleUrl", description = "Web address of the server's CA certificates.")
    void trustBundleUrl(@Nullable String value) {
        override("trust_bundle_url", value);
    }

    @Option(names = "--rebootstrapMode", description = "never, auto or always: whether the bundle may be fetched anew.")
    void rebootstrapMode(@Nullable String value) {
        override("rebootstrap_mode", value);
    }

    @Option(names = "--rebootstrapDelay", description = "For how long the server has to be untrusted before that.")
    void rebootstrapDelay(@Nullable String value) {
        override("rebootstrap_delay", value);
    }

    @Option(names = "--trustBundleFormat", description = "pem or spiffe.")
    void trustBundleFormat(@Nullable String value) {
        override("trust_bundle_format", value);
    }

    @Option(names = "--trustDomain", description = "The trust domain.")
    void trustDomain(@Nullable String value) {
        override("trust_domain", value);
    }

    @Option(names = "--insecureBootstrap", description = "Believe whoever answers as the server. For tests.")
    void insecureBootstrap(boolean value) {
        override("insecure_bootstrap", Boolean.toString(value));
    }

    @Option(names = "--allowUnauthenticatedVerifiers", description = "Give the bundle to programs without an entry.")
    void allowUnauthenticatedVerifiers(boolean value) {
        override("allow_unauthenticated_verifiers", Boolean.toString(value));
    }

    @Option(names = "--disableWorkloadAPI", description = "Do not serve the Workload API.")
    void disableWorkloadApi(boolean value) {
        override("disable_workload_api", Boolean.toString(value));
    }

    @Option(names = "--disableSDSAPI", description = "Do not serve SDS.")
    void disableSdsApi(boolean value) {
        override("disable_sds_api", Boolean.toString(value));
    }

    private void override(String key, @Nullable String value) {
        if (value != null) {
            overrides.put(key, value);
        }
    }

    AgentConfig read() {
        return AgentConfigFile.read(config, expandEnv, overrides);
    }
}
